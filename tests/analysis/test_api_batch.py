"""REST: starting a session's analysis again, and following how it goes."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.models import Assignment, Session
from ops import jobs
from ops.failures import StageFailure
from ops.models import Job, Run
from ops.services import create_api_key
from recordings.models import Recording
from recordings.storage import forbidden_storage
from tests import factories
from tests.analysis import rows
from tests.ops.lab import lab  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
STAGES = ["prepare", "transcribe", "evaluate", "finalise"]


@pytest.fixture
def pipeline(lab):  # noqa: F811 - the fixture
    """Four throwaway stages under the product's names; `lab.calls` notes who worked."""
    lab.failures = {}

    def behave(subject_id, report):
        if code := lab.failures.get(subject_id):
            raise StageFailure(code)

    lab.line(transcribe=behave, evaluate=behave)
    return lab


@pytest.fixture
def submitted(interview, pipeline):
    """A submitted session whose two recordings have been through the pipeline once."""
    session, recordings, _ = rows.ready_session(interview)
    Run.objects.all().delete()
    return session, recordings


def url(session, tail="batch-process"):
    key = session.version.interview.key
    return f"/api/v1/interviewer/interviews/{key}/results/sessions/{session.pk}/{tail}"


def start(client, session, headers=None, **body):
    return client.post(url(session), body, content_type=JSON, headers=headers)


def worked(pipeline):
    """How often each stage worked since the last look."""
    names = [name for name, _ in pipeline.calls]
    pipeline.calls.clear()
    return {name: names.count(name) for name in STAGES if name in names}


ALL = {"prepare": 2, "transcribe": 2, "evaluate": 1, "finalise": 1}
SESSION_ONLY = {"evaluate": 1, "finalise": 1}


def test_it_answers_at_once_with_where_to_follow_the_run(alice, submitted, pipeline, signed_in):
    session, recordings = submitted
    client = signed_in(alice)
    with forbidden_storage():
        answer = start(client, session)
    assert answer.status_code == 202
    told = answer.json()
    run = Run.objects.get()
    assert told["run_id"] == str(run.pk)
    assert told["status_url"] == answer["Location"] == f"/api/v1/analysis/{run.pk}/status"
    assert told["stream_url"] == f"/api/v1/analysis/{run.pk}/stream"
    assert {job["subject_id"] for job in told["jobs"]} == {str(row.pk) for row in recordings}
    assert pipeline.calls == []
    assert client.get(told["status_url"]).json()["status"] == "open"


def test_only_what_is_missing_or_failed_is_done_again(alice, submitted, pipeline, signed_in):
    session, (first, second) = submitted
    client = signed_in(alice)
    pipeline.failures[second.pk] = "invalid_media"
    start(client, session)
    jobs.run_due()
    assert worked(pipeline) == ALL
    pipeline.failures.clear()
    told = start(client, session).json()
    assert {
        (job["stage"], job["subject_id"]) for job in told["jobs"] if job["outcome"] == "reused"
    } == {("prepare", str(first.pk)), ("transcribe", str(first.pk)), ("prepare", str(second.pk))}
    jobs.run_due()
    assert pipeline.calls[0] == ("transcribe", second.pk)
    assert worked(pipeline) == {"transcribe": 1} | SESSION_ONLY


def test_force_does_the_asked_stages_again_and_not_those_before_them(
    alice, submitted, pipeline, signed_in
):
    client = signed_in(alice)
    start(client, submitted[0])
    jobs.run_due()
    worked(pipeline)
    start(client, submitted[0], force=True)
    jobs.run_due()
    assert worked(pipeline) == {"transcribe": 2} | SESSION_ONLY
    start(client, submitted[0], force=True, transcribe=False)
    jobs.run_due()
    assert worked(pipeline) == SESSION_ONLY


def test_only_the_chosen_recordings_are_processed(alice, submitted, pipeline, signed_in):
    session, (_, second) = submitted
    start(signed_in(alice), session, recording_ids=[str(second.pk)])
    jobs.run_due()
    assert ("transcribe", second.pk) in pipeline.calls
    assert worked(pipeline) == {"prepare": 1, "transcribe": 1} | SESSION_ONLY


def test_refused_recordings_are_not_tried_again(alice, submitted, pipeline, signed_in):
    session, (first, _) = submitted
    Recording.objects.filter(pk=first.pk).update(state="refused", failure_code="no_audio_track")
    start(signed_in(alice), session)
    assert Run.objects.get().expected_recordings == 1


def test_what_was_asked_for_is_kept_with_the_run(alice, submitted, signed_in):
    start(signed_in(alice), submitted[0], analyze=False)
    options = Run.objects.get().options
    assert (options["transcribe"], options["analyze"], options["force"]) == (True, False, False)
    assert options["asked_by"] == f"member:{alice.pk}"


def test_while_a_run_is_open_it_is_the_answer(alice, submitted, signed_in):
    client = signed_in(alice)
    first, second = (start(client, submitted[0], force=force) for force in (False, True))
    assert second.status_code == 202
    assert second.json()["run_id"] == first.json()["run_id"]
    assert Run.objects.count() == 1


def test_a_request_sent_twice_under_one_key_starts_one_run(alice, submitted, signed_in):
    client = signed_in(alice)
    headers = {"Idempotency-Key": "once"}
    first = start(client, submitted[0], headers)
    jobs.run_due()
    again = start(client, submitted[0], headers)
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.content) == (202, first.content)
    assert again["Location"] == first["Location"]
    assert Run.objects.count() == 1
    assert start(client, submitted[0], headers, force=True).status_code == 422
    start(client, submitted[0], {"Idempotency-Key": "twice"})
    assert Run.objects.count() == 2


def test_twenty_recordings_are_queued_with_as_many_queries_as_two(
    alice, interview, pipeline, signed_in, django_assert_max_num_queries
):
    client = signed_in(alice)
    counts = []
    for takes_each in (1, 10):
        session, _, _ = rows.ready_session(interview, alias=f"Robin {takes_each}")
        for response in session.responses.all():
            for _ in range(takes_each - 1):
                factories.make_recording(response)
        with django_assert_max_num_queries(60) as seen:
            told = start(client, session).json()
        assert len(told["jobs"]) >= 2 * takes_each
        counts.append(len(seen))
    assert counts[1] - counts[0] < 18, counts  # far fewer than one for each recording


# --- refused -------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["invited", "in_progress", "declined", "withdrawn", "expired"])
def test_before_submission_and_without_consent_nothing_starts(alice, submitted, signed_in, state):
    Session.objects.filter(pk=submitted[0].pk).update(state=state)
    answer = start(signed_in(alice), submitted[0])
    assert (answer.status_code, answer.json()["code"]) == (409, "session_not_submitted")
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"transcribe": False, "analyze": False}, "nothing_to_do"),
        ({"measure_video": True}, "video_not_measured"),
    ],
)
def test_what_can_not_be_done_is_a_conflict(alice, submitted, signed_in, body, code):
    answer = start(signed_in(alice), submitted[0], **body)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"recording_ids": []}, "recording_ids"),
        ({"recording_ids": ["x"]}, "recording_ids"),
        ({"recording_ids": [str(uuid.uuid4())] * 101}, "recording_ids"),
        ({"force": "perhaps"}, "force"),
    ],
)
def test_a_wrong_request_is_explained(alice, submitted, signed_in, body, field):
    answer = start(signed_in(alice), submitted[0], **body)
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["errors"])


@pytest.mark.parametrize("transcribe", [True, False])
def test_recordings_of_another_session_are_not_found(
    alice, interview, submitted, signed_in, transcribe
):
    session, (first, _) = submitted
    _, (other, _), run = rows.ready_session(interview, alias="Robin 7")
    run.delete()
    chosen = [str(first.pk), str(other.pk)]
    answer = start(signed_in(alice), session, recording_ids=chosen, transcribe=transcribe)
    assert answer.status_code == 404
    assert not Run.objects.exists()


def test_who_may_not_start_work_starts_none(charlie, rita, alice, submitted, signed_in, client):
    session, _ = submitted
    assert start(signed_in(charlie), session).status_code == 404
    assert start(signed_in(rita), session).status_code == 404
    Assignment.objects.create(session=session, member=rita.membership)
    assert start(signed_in(rita), session).status_code == 403
    assert start(client, session).status_code == 401
    _, key = create_api_key(user=alice, name="r", scopes=["results:read"], now=timezone.now())
    assert start(client, session, {"Authorization": f"Bearer {key}"}).status_code == 403
    assert not Run.objects.exists()


# --- by the session's id alone -------------------------------------------------------------------
def analyse(client, **body):
    return client.post("/api/v1/analysis", body, content_type=JSON)


def test_a_session_can_be_named_by_its_id_alone(alice, submitted, pipeline, signed_in):
    session, (_, second) = submitted
    answer = analyse(
        signed_in(alice), session_id=str(session.pk), recording_ids=[str(second.pk)], force=True
    )
    assert answer.status_code == 202
    run = Run.objects.get()
    assert answer["Location"] == f"/api/v1/analysis/{run.pk}/status"
    assert (run.expected_recordings, run.options["force"]) == (1, True)


def test_without_its_id_no_session_is_analysed(alice, submitted, signed_in):
    answer = analyse(signed_in(alice))
    assert answer.status_code == 400
    assert "session_id" in answer.json()["errors"]


def test_a_foreign_session_and_an_unknown_one_are_the_same_404(charlie, rita, submitted, signed_in):
    asked = [(charlie, submitted[0].pk), (rita, submitted[0].pk), (charlie, uuid.uuid4())]
    answers = [analyse(signed_in(user), session_id=str(pk)) for user, pk in asked]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    Assignment.objects.create(session=submitted[0], member=rita.membership)
    assert analyse(signed_in(rita), session_id=str(submitted[0].pk)).status_code == 403


# --- how it goes ---------------------------------------------------------------------------------
def batch_status(client, session):
    answer = client.get(url(session, "batch-status"))
    assert answer.status_code == 200
    return answer.json()


def test_a_session_that_was_never_processed_has_no_status(alice, interview, signed_in):
    session = factories.make_session(interview)
    assert signed_in(alice).get(url(session, "batch-status")).status_code == 404


def test_the_status_tells_what_is_tried_again_when_and_by_which_strategy(
    alice, submitted, pipeline, signed_in
):
    session, recordings = submitted
    for recording in recordings:
        pipeline.failures[recording.pk] = "network_timeout"
    client = signed_in(alice)
    started = start(client, session).json()
    jobs.run_due(limit=3)  # both were prepared, one transcription was tried, the other waits
    told = batch_status(client, session)
    waiting = Job.objects.filter(stage="transcribe", state="waiting", attempts=1)
    assert (told["run_id"], told["status"]) == (started["run_id"], "open")
    assert told["retries"] == [{"code": "network_timeout", "strategy": "network", "count": 1}]
    assert told["next_retry_at"] == waiting.get().run_at.isoformat().replace("+00:00", "Z")
    assert told["failures"] == []
    (failure,) = [stage["failure"] for stage in told["stages"] if stage["failure"]]
    assert failure["code"] == "network_timeout"
    assert failure["retry_at"] == told["next_retry_at"]


def test_the_status_tells_what_gave_up_why_and_what_to_do(alice, submitted, pipeline, signed_in):
    session, (_, second) = submitted
    pipeline.failures[second.pk] = "invalid_media"
    client = signed_in(alice)
    start(client, session)
    jobs.run_due()
    told = batch_status(client, session)
    (failed,) = told["failures"]
    assert (failed["stage"], failed["subject_id"]) == ("transcribe", str(second.pk))
    assert failed["failure"]["suggestion"]
    assert failed["failure"]["support_reference"]
    assert failed["job_id"] == str(Job.objects.get(state="dead").public_id)
    assert (told["status"], told["percent"], told["next_retry_at"]) == ("completed", 100, None)
    assert told["retries"] == []


def test_the_status_is_of_the_latest_run(alice, submitted, pipeline, signed_in):
    session, (first, _) = submitted
    client = signed_in(alice)
    pipeline.failures[first.pk] = "invalid_media"
    start(client, session)
    jobs.run_due()
    pipeline.failures.clear()
    second = start(client, session).json()
    jobs.run_due()
    told = batch_status(client, session)
    assert (told["run_id"], told["failures"]) == (second["run_id"], [])


def test_a_run_can_be_asked_for_later_and_after_the_others(submitted, alice, signed_in, pipeline):
    session, _ = submitted
    moment = timezone.now() + timedelta(hours=1)
    answer = start(
        signed_in(alice), session, priority="low", not_before=moment.isoformat(), force=True
    )
    assert answer.status_code == 202
    assert {job["priority"] for job in answer.json()["jobs"]} == {"low"}
    assert jobs.run_due() == 0
    assert {job.run_at for job in Job.objects.filter(state=Job.State.WAITING)} == {moment}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"priority": "urgent"}, 400),
        ({"not_before": "tomorrow"}, 400),
        ({"not_before": "2099-01-01T00:00:00Z"}, 409),
    ],
)
def test_a_turn_that_cannot_be_given_starts_nothing(submitted, alice, signed_in, wrong, status):
    session, _ = submitted
    assert start(signed_in(alice), session, **wrong).status_code == status
    assert not Run.objects.exists()
