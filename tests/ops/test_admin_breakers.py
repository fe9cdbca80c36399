"""The circuit breakers' panel in the admin."""

import pytest

from ops import breakers
from ops.failures import StageFailure, by_code
from ops.models import AuditEntry, BreakerState
from tests.ops.test_breakers import SERVICE, call, trip

pytestmark = pytest.mark.django_db
LIST = "/admin/ops/breakerstate/"


@pytest.fixture
def staff_client(sam, signed_in):
    return signed_in(sam)


def act(client, action, **more):
    return client.post(LIST, {"action": action, "_selected_action": SERVICE, **more}, follow=True)


def confirm(client, action, reason="they announced it"):
    return act(client, action, confirm="yes", reason=reason)


def test_the_panel_says_in_words_how_each_service_fares(staff_client):
    trip()
    page = staff_client.get(LIST).content.decode()
    assert "open: no calls are made" in page
    assert by_code("provider_5xx").message in page
    assert "What a circuit breaker does" in page
    assert "Turned away" in page


def test_an_empty_panel_says_when_it_will_fill(staff_client):
    assert "No outside service was called yet" in staff_client.get(LIST).content.decode()


def test_nothing_is_held_before_somebody_confirms_with_a_reason(staff_client):
    trip()
    asked = act(staff_client, "hold_closed").content.decode()
    assert "1 is ready for it." in asked
    assert "whatever" not in asked
    assert "however often it fails" in asked
    assert confirm(staff_client, "hold_closed", reason="").status_code == 200
    assert BreakerState.objects.get().forced == ""


def test_held_closed_calls_pass_held_open_they_do_not_released_it_judges(staff_client, sam):
    trip()
    assert "Held closed: 1" in confirm(staff_client, "hold_closed").content.decode()
    assert call() == "answered"
    shown = confirm(staff_client, "hold_open").content.decode()
    assert "held open: no calls are made" in shown
    with pytest.raises(StageFailure, match="breaker_open"):
        call()
    confirm(staff_client, "release")
    assert call() == "answered"
    (view,) = breakers.list_breakers()
    assert (view.forced, view.state) == ("", "closed")
    entry = AuditEntry.objects.get(action="breaker.released")
    assert (entry.actor, entry.detail["reason"]) == (f"member:{sam.pk}", "they announced it")


def test_a_breakers_page_offers_what_is_not_so_already(staff_client):
    trip()
    breakers.force_breaker(
        dependency=SERVICE,
        to="open",
        actor="x",
        reason="y",
        now=BreakerState.objects.get().updated_at,
    )
    page = staff_client.get(f"{LIST}{SERVICE}/change/").content.decode()
    assert "Hold closed…" in page
    assert "Let it judge by itself…" in page
    assert "Hold open…" not in page


def test_what_is_held_by_hand_is_found(staff_client):
    trip()
    assert SERVICE not in staff_client.get(f"{LIST}?forced=open").content.decode()
    confirm(staff_client, "hold_open")
    assert SERVICE in staff_client.get(f"{LIST}?forced=open").content.decode()
