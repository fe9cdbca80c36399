"""REST of the circuit breakers, for staff."""

import pytest

from ops.models import AuditEntry, BreakerState
from tests.ops.test_breakers import SERVICE, trip

pytestmark = pytest.mark.django_db
URL = "/api/admin/breakers"


@pytest.fixture
def staff(sam, signed_in):
    return signed_in(sam)


def hold(client, to, **body):
    body = {"dependency": SERVICE, "to": to, "reason": "they announced it", **body}
    return client.post(URL, body, content_type="application/json")


def test_before_the_first_call_there_is_no_breaker(staff):
    assert staff.get(URL).json() == {"breakers": []}
    assert hold(staff, "open").status_code == 404


def test_a_tripped_breaker_tells_why_and_until_when(staff):
    trip()
    (told,) = staff.get(URL).json()["breakers"]
    assert (told["dependency"], told["state"], told["held"]) == (SERVICE, "open", "")
    assert (told["failures_in_row"], told["trips"]) == (5, 1)
    assert told["failure_code"] == "provider_5xx"
    assert told["message"].endswith(".")
    assert told["opened_at"] < told["next_probe_at"]


@pytest.mark.parametrize("to", ["open", "closed"])
def test_staff_hold_a_breaker_and_let_it_go_again(staff, sam, to):
    trip()
    answer = hold(staff, to)
    assert (answer.status_code, answer.json()["held"]) == (200, to)
    assert BreakerState.objects.get().forced == to
    assert hold(staff, "auto").json()["held"] == ""
    assert BreakerState.objects.get().state == "closed"
    first, last = AuditEntry.objects.filter(subject_kind="breaker").order_by("pk")
    assert (first.action, first.actor) == (f"breaker.forced_{to}", f"member:{sam.pk}")
    assert (last.action, last.detail["reason"]) == ("breaker.released", "they announced it")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"to": "ajar"}, "to"), ({"reason": ""}, "reason"), ({"dependency": 7.5, "x": 1}, "x")],
)
def test_wrong_orders_are_named_and_change_nothing(staff, wrong, named):
    trip()
    answer = hold(staff, **{"to": "open", **wrong})
    assert answer.status_code == 400
    assert named in answer.json()["errors"]
    assert BreakerState.objects.get().forced == ""
