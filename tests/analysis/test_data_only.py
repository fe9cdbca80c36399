"""The data-only answer is the classic one value for value, whatever a session went through."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from analysis import reviewing, selectors
from analysis.models import TextMetrics, Transcript
from analysis.scorecards import Draft, Mark
from analysis.wire import as_json
from interviews.models import Assignment, Response, Session
from ops import rates
from ops.models import Run
from recordings.models import QualityReport, Recording
from tests import factories
from tests.analysis import rows
from tests.analysis.classic import classic_answer

pytestmark = pytest.mark.django_db
ODD = 'Zoë said: "naïve"\u2028\\ 日本 🎤 </script> \t'


def begun(interview, **_):
    return factories.make_session(interview)


def ready(interview, **_):
    return rows.ready_session(interview)[0]


def with_pictures(interview, **_):
    return rows.ready_session(interview, mode="video")[0]


def typed(interview, **_):
    session = factories.make_session(interview)
    first, second = session.responses.order_by("question__order")
    rows.add_typed_answer(first, ODD)
    Response.objects.filter(pk=second.pk).update(state=Response.State.SKIPPED)
    rows.rate(first, rows.add_rater(session), quote="naïve", text=ODD, is_spoken=False)
    TextMetrics.objects.create(response=first, word_count=3, rate_wpm=0.1 + 0.2, keywords=[ODD])
    rows.finish(session)
    return session


def taken_again(interview, **_):
    session = factories.make_session(interview)
    first, second = session.responses.order_by("question__order")
    for response in (first, second, first):
        rows.add_recorded_answer(response, transcribed=False)
    refused = factories.make_recording(first)
    refused.take.state = "technical_failed"
    refused.take.save(update_fields=["state"])
    refused.state, refused.failure_code = "refused", "no_audio_track"
    refused.save(update_fields=["state", "failure_code"])
    return session


def unheard(interview, **_):
    session, (first, second), _ = rows.ready_session(interview)
    Transcript.objects.filter(recording=first).update(
        segments=[], pauses=[], text="", confidence=None, state="not_ratable", reason="Silence."
    )
    Transcript.objects.filter(recording=second).delete()
    QualityReport.objects.filter(recording=second).delete()
    Recording.objects.filter(pk=first.pk).update(peaks=None, duration_ms=None, width=640)
    TextMetrics.objects.all().delete()
    return session


def without_a_run(interview, **_):
    session, _, run = rows.ready_session(interview)
    run.delete()
    return session


def failed(interview, **_):
    session, recordings, run = rows.ready_session(interview)
    run.delete()
    lost = recordings[0]
    dead = {("transcribe", lost.pk): dict(rows.DEAD), ("evaluate", None): {"state": "cancelled"}}
    run = rows.add_run(session, recordings, jobs=dead)
    rows.fail_attempt(run, "transcribe", lost.pk, "invalid_media")
    gone = {"stage": "measure_text", "subject_id": str(rows.unknown_id()), "code": "invalid_media"}
    tried = {"stage": "transcribe", "subject_id": str(recordings[1].pk), "code": "cancelled"}
    rows.finish(session, missing=[gone, tried])
    return session


def under_way(interview, **_):
    session, recordings, run = rows.ready_session(interview)
    run.delete()
    waiting = {"state": "waiting", "outcome": "", "progress": 0.0, "media_s": 12.0}
    rows.add_run(
        session,
        recordings,
        state=Run.State.OPEN,
        percent=41.5,
        jobs={("transcribe", recordings[0].pk): waiting, ("evaluate", None): dict(waiting)},
    )
    rows.finish(session, state=Session.State.PROCESSING)
    return session


def run_again(interview, **_):
    session, recordings, run = rows.ready_session(interview)
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=1))
    rows.add_run(session, recordings[:1], state=Run.State.CANCELLED, percent=12.25)
    return session


def rated_twice(interview, **_):
    session, _, _ = rows.ready_session(interview)
    first, second = session.responses.order_by("question__order")
    cloud = rows.add_rater(
        session,
        "openai",
        cost_usd=Decimal("0.004200"),
        tokens_in=3912,
        failure_code="invalid_media",
    )
    rows.rate(first, cloud, level=None)
    rows.rate(second, cloud, level=2, quote="found the cause")
    rows.rate(first, rows.add_rater(session, "old", is_current=False), level=1)
    factories.give_consent(session, "ai_analysis", granted=False)
    return session


def judged(interview, rita, bob, principal, **_):
    session, _, _ = rows.ready_session(interview)
    Assignment.objects.create(session=session, member=rita.membership)
    rubric = session.version.questions.first().competencies.get().rubric
    draft = Draft(note=ODD, marks={rubric.pk: Mark(level=2, note="Slow.")})
    who = principal(bob)
    edit = reviewing.save_scorecard(principal=who, session=session, edit_number=0, draft=draft)
    reviewing.submit_scorecard(
        principal=who, session=session, edit_number=edit, accepts_missing=True, now=timezone.now()
    )
    return session


SESSIONS = (
    *(begun, ready, with_pictures, typed, taken_again, unheard, without_a_run, failed),
    *(under_way, run_again, rated_twice, judged),
)


@pytest.fixture
def made(request, interview, rita, bob, principal):
    """made(one of SESSIONS) -> its session, assigned to rita."""

    def make(build):
        session = build(interview=interview, rita=rita, bob=bob, principal=principal)
        Assignment.objects.get_or_create(session=session, member=rita.membership)
        return session

    return make


def address(session, tail=""):
    key = session.version.interview.key
    return f"/api/v1/interviewer/interviews/{key}/results/sessions/{session.pk}{tail}/data-only"


def both(client, who, session):
    """What the product answers, and what the classic way does."""
    rates.measured_rates()  # kept for 30 s: asked once for both
    answer = client.get(address(session))
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json"
    classic = JSONRenderer().render(classic_answer(who, session.version.interview.key, session.pk))
    return json.loads(answer.content), json.loads(classic)


each_session = pytest.mark.parametrize("build", SESSIONS, ids=lambda build: build.__name__)


@each_session
def test_the_answer_is_the_classic_one(made, alice, bob, rita, signed_in, principal, build):
    session = made(build)
    for user in (alice, bob, rita):
        ours, classic = both(signed_in(user), principal(user), session)
        assert ours == classic


@each_session
def test_each_recording_is_read_alone_as_it_stands_in_its_session(made, alice, signed_in, build):
    session = made(build)
    client = signed_in(alice)
    for answer in client.get(address(session)).json()["answers"]:
        for recording in answer["recordings"]:
            alone = client.get(address(session, f"/recordings/{recording['id']}"))
            assert alone.json() == recording


def test_a_blind_reviewer_gets_no_rating_by_either_way(made, rita, signed_in, principal):
    for told in both(signed_in(rita), principal(rita), made(judged)):
        assert told["review"]["is_blind"] is True
        assert (told["raters"], told["review"]["scorecards"]) == ([], [])
        assert not any(answer["ratings"] for answer in told["answers"])


MOMENTS = st.integers(0, 2**52).map(
    lambda us: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def spoken(interview):
    session, (recording, _), _ = rows.ready_session(interview)
    return session, recording


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=TEXTS,
    share=NUMBERS,
    stored=st.lists(JSON, max_size=3),
    at=MOMENTS,
)
def test_any_text_number_and_stored_json_comes_through(
    spoken, alice, principal, text, share, stored, at
):
    session, recording = spoken
    Transcript.objects.filter(recording=recording).update(
        text=text, segments=stored, confidence=share
    )
    TextMetrics.objects.update(keywords=stored, rate_wpm=share)
    Response.objects.filter(session=session).update(text=text, submitted_at=at)
    who, key = principal(alice), session.version.interview.key
    ours = as_json(selectors.session_results(who, key, session.pk))
    classic = JSONRenderer().render(classic_answer(who, key, session.pk))
    assert json.loads(ours) == json.loads(classic)


@pytest.mark.slow
def test_200_recordings_cost_as_many_queries_as_one(acme, queries_of):
    counts = {}
    for number in (1, 20, 200):
        acme.competency_set.filter(name="Problem solving").update(name=f"Competency of {number}")
        questions = tuple(f"Question {n}?" for n in range(number))
        interview = factories.make_interview(acme, questions=questions)
        session, recordings, _ = rows.ready_session(interview, alias=f"Heron {number}")
        assert len(recordings) == number
        counts[number] = (
            queries_of(address(session)),
            queries_of(address(session, f"/recordings/{recordings[0].pk}")),
        )
    assert len(set(counts.values())) == 1, counts
