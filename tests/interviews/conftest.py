"""Carol's ways in: by her cookie in a browser, and over REST."""

import pytest
from django.test import Client
from django.utils import timezone

from interviews import services
from tests import factories


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def started(invitation, now):
    """Carol's session as the product starts it: invited, with an open run."""
    return services.start_session(invitation=invitation[0], now=now)


@pytest.fixture
def agreed(started, now):
    """The same after she agreed to recording and to software's ratings."""
    return services.record_consents(
        session=started, granted={"recording": True, "ai_analysis": True}, now=now
    )


@pytest.fixture
def carol(invitation):
    """A browser that opened carol's link and pressed Start."""
    client = Client()
    client.post(f"/i/{invitation[1]}/start/")
    return client


@pytest.fixture
def responses(agreed):
    """Her open responses in the order of their questions."""
    return list(agreed.responses.select_related("question").order_by("question__order"))


@pytest.fixture
def arrived():
    """arrived(response) -> a recording whose bytes are on the server, still to be verified."""
    return factories.make_recording
