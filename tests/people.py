"""The people of every test.

alice owns the organization and its interview, bob is in her team, rita reviews what is assigned to
her, charlie is a stranger from another organization, sam is staff, carol is a candidate.
"""

import pytest
from django.test import Client

from ops.authentication import member_principal
from tests import factories


@pytest.fixture
def acme(db):
    return factories.make_organization("Acme")


@pytest.fixture
def alice(acme):
    return factories.make_member(acme, "alice@acme.test", "owner")


@pytest.fixture
def bob(acme):
    return factories.make_member(acme, "bob@acme.test", "interviewer")


@pytest.fixture
def rita(acme):
    return factories.make_member(acme, "rita@acme.test", "reviewer")


@pytest.fixture
def charlie(db):
    return factories.make_member(
        factories.make_organization("Rival"), "charlie@rival.test", "owner"
    )


@pytest.fixture
def sam(acme):
    return factories.make_member(acme, "sam@acme.test", "interviewer", is_staff=True)


@pytest.fixture
def interview(acme):
    return factories.make_interview(acme)


@pytest.fixture
def invitation(interview):
    """(Invitation, token) of carol."""
    return factories.make_invitation(interview)


@pytest.fixture
def session(interview):
    """Carol's session in progress: two open responses, consent to recording and analysis."""
    return factories.make_session(interview)


@pytest.fixture
def principal():
    return member_principal


@pytest.fixture
def signed_in():
    """signed_in(user) -> Client."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in
