"""Events are numbered per run without gaps, whoever writes at the same time."""

import threading

import pytest
from django.db import connection, transaction

from ops.models import Event, Run
from ops.progress import envelope, record_event
from tests.ops.runs import make_run


def test_events_of_a_run_are_numbered_from_one_without_gaps(session):
    run, other = make_run(session), make_run(session, state=Run.State.COMPLETED)
    with transaction.atomic():
        for _ in range(3):
            record_event(run_id=run.id, type="progress", payload={"percent": 1})
        record_event(run_id=other.id, type="progress", payload={"percent": 2})
    assert [e.seq for e in run.events.order_by("id")] == [1, 2, 3]
    assert other.events.get().seq == 1
    run.refresh_from_db()
    assert run.last_event_seq == 3


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(session):
    run = make_run(session)
    with pytest.raises(transaction.TransactionManagementError):
        record_event(run_id=run.id, type="progress", payload={})
    assert not Event.objects.exists()


def test_an_event_of_an_unknown_run_is_refused(session):
    run_id = session.id
    with transaction.atomic(), pytest.raises(Run.DoesNotExist):
        record_event(run_id=run_id, type="progress", payload={})


def test_a_rolled_back_event_leaves_no_gap(session):
    run = make_run(session)

    def fail():
        with transaction.atomic():
            record_event(run_id=run.id, type="stage", payload={})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with transaction.atomic():
        assert record_event(run_id=run.id, type="stage", payload={}).seq == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_share_one_gap_free_numbering(session):
    run = make_run(session)

    def write():
        for _ in range(10):
            with transaction.atomic():
                record_event(run_id=run.id, type="progress", payload={})
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.events.values_list("seq", flat=True)) == list(range(1, 41))


def test_a_payload_cannot_forge_the_envelope(session):
    run = make_run(session)
    with transaction.atomic():
        event = record_event(run_id=run.id, type="stage", payload={"seq": 99, "stage": "verify"})
    told = envelope(event)
    assert (told["seq"], told["type"], told["stage"]) == (1, "stage", "verify")
    assert told["run_id"] == str(run.id)
    assert told["at"].endswith("Z")
