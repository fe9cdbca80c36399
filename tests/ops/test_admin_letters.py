"""Dead letters in the admin: found, understood, driven again, one and many."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from ops.failures import by_code
from ops.models import Attempt, AuditEntry, DeadLetter, Job
from tests.ops.runs import make_job, make_run

pytestmark = pytest.mark.django_db
LIST = "/admin/ops/deadletter/"
GROUPS = f"{LIST}groups/"
REFERENCE = "K7QM-2XWD"


@pytest.fixture
def client(sam, signed_in):
    return signed_in(sam)


@pytest.fixture
def die(session):
    run = make_run(session)

    def make(code="invalid_media", stage="prepare", **facts):
        job = make_job(run, stage=stage, state=Job.State.DEAD, failure_code=code)
        Attempt.objects.create(
            job=job,
            token=1,
            worker="here:42",
            started_at=timezone.now() - timedelta(seconds=3),
            ended_at=timezone.now(),
            outcome=Attempt.Outcome.DEAD,
            failure_code=code,
            support_reference=REFERENCE if stage == "prepare" else "",
            error="ValueError: moov atom not found",
            traceback="Traceback: in open_media",
        )
        return DeadLetter.objects.create(
            job=job,
            fingerprint=f"{code}-{stage}",
            similar=code,
            shape="ValueError: moov atom not found",
            failure_code=code,
            stage=stage,
            queue="short",
            waiting_id=run.subject_id,
            expires_at=timezone.now() + timedelta(days=30),
            **facts,
        )

    return make


def text(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_staff_find_by_support_reference_understand_and_drive_again(client, die, session):
    letter = die()
    assert str(letter.pk) in text(client.get(LIST, {"q": REFERENCE}))
    assert str(letter.pk) not in text(client.get(LIST, {"q": "K7QM-0000"}))
    page = text(client.get(f"{LIST}{letter.pk}/change/"))
    failure = by_code("invalid_media")
    for said in (failure.suggestion, REFERENCE, "here:42", "in open_media", "moov atom not found"):
        assert said in page
    assert f"/admin/interviews/session/{session.pk}/change/" in page
    assert "It waits for somebody" in page
    chosen = {"action": "retry", "_selected_action": str(letter.pk)}
    assert "1 is ready for it." in text(client.post(LIST, chosen))
    client.post(LIST, {**chosen, "confirm": "yes", "reason": "the file was repaired"})
    letter.refresh_from_db()
    assert letter.state == "retrying"
    assert "Its job is at work again" in text(client.get(f"{LIST}{letter.pk}/change/"))


@pytest.mark.parametrize("state", DeadLetter.State.values)
def test_every_state_is_explained_on_its_page(client, die, state):
    letter = die(state=state)
    assert f"<strong>{letter.get_state_display()}.</strong>" in text(
        client.get(f"{LIST}{letter.pk}/change/")
    )


def test_the_list_says_when_a_letter_goes_back_and_who_asked(client, die):
    at = timezone.now().replace(microsecond=0) + timedelta(hours=6)
    die(redrive_at=at)
    die(stage="verify", redrive_at=at, redrive_actor="member:7")
    page = text(client.get(LIST))
    assert f"{at:%Y-%m-%d %H:%M:%S}, by itself" in page
    assert f"{at:%Y-%m-%d %H:%M:%S}, member:7" in page
    assert "by itself" not in text(client.get(LIST, {"redrive_at__isempty": "1"}))


def test_groups_say_why_how_many_and_who_waits(client, die):
    for stage in ("prepare", "verify"):
        DeadLetter.objects.filter(pk=die(stage=stage).pk).update(fingerprint="one")
    die(code="disk_full", stage="measure")
    page = text(client.get(GROUPS))
    assert "3 open dead letters" in page
    assert "2 \u00d7 <code>invalid_media</code>" in page
    assert by_code("invalid_media").suggestion in page
    assert "1 candidate waits." in page
    assert "Stage: prepare, verify." in page
    assert "Spike" not in page


def test_a_spike_is_marked(client, die):
    for number in range(5):
        DeadLetter.objects.filter(pk=die(stage=f"stage-{number}").pk).update(fingerprint="one")
    assert "Spike" in text(client.get(GROUPS))


def test_messages_that_read_alike_are_one_group(client, die):
    die()
    die(stage="verify")
    assert text(client.get(GROUPS)).count("1 \u00d7 <code>invalid_media</code>") == 2
    assert "2 \u00d7 <code>invalid_media</code>" in text(client.get(GROUPS, {"by": "similar"}))


def test_an_empty_queue_and_an_empty_answer_are_told_apart(client, die):
    assert "No job has given up." in text(client.get(GROUPS))
    die()
    assert "No open dead letter matches." in text(client.get(GROUPS, {"code": "disk_full"}))


def test_the_number_of_queries_does_not_grow(client, die, django_assert_max_num_queries):
    for number in range(12):
        die(stage=f"stage-{number}")
    client.get(GROUPS)
    with django_assert_max_num_queries(8):
        assert "12 open dead letters" in text(client.get(GROUPS))


def test_a_group_is_driven_again_at_a_rate_after_its_dry_run(client, die, sam):
    for number in range(4):
        DeadLetter.objects.filter(pk=die(stage=f"stage-{number}").pk).update(fingerprint="one")
    other = die(code="disk_full")
    address = f"{GROUPS}retry/?fingerprint=one"
    foreseen = text(client.get(address))
    assert "4 jobs, 1 candidate waits" in foreseen
    assert "all of them are back at work within a minute" in foreseen
    slower = text(client.post(address, {"again": "yes", "rate_per_min": "1", "reason": "it"}))
    assert "At 1 jobs a minute the last one goes back to work in 2" in slower
    assert 'value="it"' in slower
    assert not DeadLetter.objects.exclude(redrive_at=None).exists()
    order = {"confirm": "yes", "rate_per_min": "1", "reason": "the store is back"}
    assert "Go back to work: 4" in text(client.post(address, order, follow=True))
    times = DeadLetter.objects.filter(fingerprint="one").order_by("redrive_at")
    gaps = {b.redrive_at - a.redrive_at for a, b in pairwise(times)}
    assert gaps == {timedelta(minutes=1)}
    assert times[0].redrive_actor == f"member:{sam.pk}"
    assert times[0].redrive_reason == "the store is back"
    other.refresh_from_db()
    assert other.redrive_at is None


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"rate_per_min": "0"}, {"rate_per_min": "x"}])
def test_without_a_reason_or_a_sane_rate_nothing_is_done(client, die, wrong):
    die()
    order = {"confirm": "yes", "rate_per_min": "60", "reason": "the store is back", **wrong}
    page = text(client.post(f"{GROUPS}retry/?code=invalid_media", order))
    assert "errorlist" in page
    assert "Nothing has been done yet." in page
    assert not DeadLetter.objects.exclude(redrive_at=None).exists()


def test_a_group_is_discarded_with_a_reason(client, die):
    die()
    kept = die(code="disk_full", stage="verify")
    address = f"{GROUPS}discard/?fingerprint=invalid_media-prepare"
    assert "1 job, 1 candidate waits" in text(client.get(address))
    order = {"confirm": "yes", "reason": "these were tests"}
    assert "Discarded: 1" in text(client.post(address, order, follow=True))
    assert DeadLetter.objects.get(state="discarded").failure_code == "invalid_media"
    kept.refresh_from_db()
    assert kept.state == "open"
    assert AuditEntry.objects.get(action="dead_letter.many_discarded").detail["reason"] == (
        "these were tests"
    )


@pytest.mark.parametrize("query", ["code=nonsense", "queue=nowhere", f"fingerprint={'f' * 65}"])
def test_a_filter_that_is_not_understood_never_widens_what_is_done(client, die, query):
    die()
    order = {"confirm": "yes", "rate_per_min": "60", "reason": "the store is back"}
    for deed in ("retry", "discard"):
        answer = client.post(f"{GROUPS}{deed}/?{query}", order, follow=True)
        assert "There is no such group" in text(answer)
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.redrive_at) == ("open", None)


def test_only_staff_see_groups_and_act_on_them(alice, signed_in, die):
    die()
    member = signed_in(alice)
    for address in (GROUPS, f"{GROUPS}retry/", f"{GROUPS}discard/"):
        assert member.get(address).status_code == 404
        assert member.post(address, {"confirm": "yes", "reason": "why"}).status_code == 404


@pytest.mark.parametrize("page", [GROUPS, LIST, f"{GROUPS}retry/", "/admin/"])
def test_a_query_that_fails_is_an_error_page_never_an_empty_queue(sam, die, page):
    die()
    client = Client(raise_request_exception=False)
    client.force_login(sam)

    def away(execute, sql, params, many, context):
        if "ops_deadletter" in sql:
            raise OperationalError("the server closed the connection")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away):
        answer = client.get(page)
    assert answer.status_code in {500, 503}
    assert "Nothing to do here" not in answer.content.decode()
    assert client.get(page).status_code == 200
