"""Prepared reads: their SQL is written once, and says what the ORM would."""

import uuid

import pytest
from django.utils import timezone

from ops import selectors
from ops.models import Job, Run
from ops.prepared import PreparedRead
from ops.stored_json import StoredJson
from tests import factories
from tests.ops.runs import make_job, make_run

pytestmark = pytest.mark.django_db
COLUMNS = ("pk", "public_id", "run_id", "run_at", "finished_at", "media_s", "state")


@pytest.fixture
def session(interview):
    return factories.make_session(interview)


@pytest.fixture
def asked():
    """(a prepared read, how often its query was written)."""
    written = []

    def ask(run_id):
        written.append(run_id)
        return Job.objects.filter(run=run_id).order_by("-pk").values_list(*COLUMNS)

    return PreparedRead(ask), written


def test_a_prepared_read_finds_what_the_orm_does(session, asked):
    read, _ = asked
    run, other = make_run(session), make_run(session, state=Run.State.COMPLETED)
    for number, owner in enumerate((run, run, other)):
        make_job(owner, stage=f"s{number}", media_s=number / 3, finished_at=timezone.now())
    for owner in (run, other):
        expected = Job.objects.filter(run=owner).order_by("-pk").values_list(*COLUMNS)
        assert [tuple(row) for row in read.rows(owner.pk)] == list(expected)
    assert read.rows(uuid.uuid4()) == []


def test_its_query_is_written_once_and_run_each_time(session, asked, django_assert_num_queries):
    read, written = asked
    run = make_run(session)
    with django_assert_num_queries(3):
        for _ in range(3):
            read.rows(run.pk)
    assert len(written) == 1


def test_what_is_null_stays_null(session, asked):
    run = make_run(session)
    make_job(run)
    ((*_, finished_at, media_s, _),) = asked[0].rows(run.pk)
    assert (finished_at, media_s) == (None, None)


def test_the_newest_run_of_one_subject_is_that_of_many(session):
    assert selectors.latest_run("session", session.pk) is None
    assert selectors.latest_outcome("session", session.pk) is None
    make_run(session, state=Run.State.COMPLETED)
    run = make_run(session)
    make_job(run, failure_code="invalid_media", state=Job.State.DEAD)
    make_job(run, stage="prepare", priority=Job.Priority.LOW)
    (one,) = selectors.latest_runs("session", [session.pk]).values()
    assert selectors.latest_run("session", session.pk) == one
    assert selectors.latest_run("recording", session.pk) is None


@pytest.mark.parametrize("state", [Run.State.OPEN, Run.State.COMPLETED])
def test_what_came_of_a_run_is_the_same_read_whole_or_in_part(session, state):
    run = make_run(session, state=state)
    make_job(run, failure_code="invalid_media", state=Job.State.DEAD)
    make_job(run, stage="prepare", state=Job.State.DONE)
    make_job(run, stage="evaluate", state=Job.State.CANCELLED, generation=2)
    whole = selectors.outcome_of(selectors.latest_run("session", session.pk))
    part = selectors.latest_outcome("session", session.pk)
    assert (part.run, part.generation, part.ended) == (whole.run, whole.generation, whole.ended)
    assert set(part.tried) == set(whole.tried)


def test_stored_json_is_equal_by_what_it_says():
    assert StoredJson('{"a": 1, "b": [2]}') == StoredJson('{"b":[2],"a":1}')
    assert StoredJson("[1]") != StoredJson("[2]")
    assert StoredJson('"é"').value == "é"
