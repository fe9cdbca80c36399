import json

import pytest
from django.http import Http404

from analysis import boards, selectors
from analysis.serializers import SessionDataOnlySerializer, SessionRowSerializer
from analysis.wire import as_data
from ops import rates
from ops.models import Run
from tests import factories
from tests.analysis import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def asking(principal):
    return lambda user, session: selectors.session_results(
        principal(user), session.version.interview.key, session.pk
    )


def queries(django_assert_max_num_queries, call):
    rates.measured_rates()  # asked of the database every 30 s, whoever comes
    with django_assert_max_num_queries(40) as seen:
        call()
    return len(seen)


def test_a_ready_session_shows_what_was_heard_measured_and_rated(alice, interview, asking):
    session, recordings, run = rows.ready_session(interview)
    found = asking(alice, session)
    first = found.answers[0]
    assert found.candidate_alias == "Heron 42"
    assert first.recording.id == recordings[0].pk
    assert first.recording.transcript.text == rows.SPOKEN
    assert first.recording.quality.reasons.value["clipped_share"]
    assert first.text_metrics.reasons.value["readability"]
    assert first.ratings[0].level == 4
    assert first.ratings[0].anchor == factories.ANCHORS[4]
    assert first.ratings[0].evidence[0].verified
    assert found.raters[0].mean_level == 4.0
    assert found.run.id == run.pk
    assert found.missing == ()


def test_the_candidates_name_and_address_are_nowhere_in_the_data(alice, interview, asking):
    session, _, _ = rows.ready_session(interview)
    text = json.dumps(as_data(asking(alice, session)))
    assert "Carol" not in text
    assert "carol@" not in text


@pytest.mark.parametrize("user", ["charlie", "rita"])
def test_who_may_not_see_a_session_is_told_that_there_is_none(user, request, interview, asking):
    session, _, _ = rows.ready_session(interview)
    with pytest.raises(Http404):
        asking(request.getfixturevalue(user), session)


def test_a_reviewer_sees_the_session_assigned_to_her(rita, interview, asking):
    session, _, _ = rows.ready_session(interview)
    session.assignments.create(member=rita.membership)
    assert asking(rita, session).id == session.pk


def test_twenty_recordings_take_as_many_queries_as_one(
    acme, alice, asking, django_assert_max_num_queries
):
    small, _, _ = rows.ready_session(factories.make_interview(acme, questions=rows.TWENTY[:1]))
    large, recordings, _ = rows.ready_session(rows.second_interview(acme), alias="Heron 43")
    assert len(recordings) == 20
    counts = {
        queries(django_assert_max_num_queries, lambda session=session: asking(alice, session))
        for session in (small, large)
    }
    assert len(counts) == 1
    assert counts.pop() <= 19


def test_a_refused_take_is_not_the_answer_but_the_one_before_it_is(alice, interview, asking):
    session = factories.make_session(interview)
    response = session.responses.first()
    good = rows.add_recorded_answer(response)
    bad = factories.make_recording(response)
    bad.take.state = "technical_failed"
    bad.take.save(update_fields=["state"])
    bad.state, bad.failure_code = "refused", "no_audio_track"
    bad.save(update_fields=["state", "failure_code"])
    answer = next(a for a in asking(alice, session).answers if a.response_id == response.pk)
    assert answer.recording.id == good.pk
    assert answer.recordings[1].failure.code == "no_audio_track"
    assert answer.recordings[1].failure.suggestion


def test_a_dead_transcription_is_named_with_its_reason_and_the_rest_stays(alice, acme, asking):
    interview = factories.make_interview(acme, questions=rows.TWENTY[:5])
    session, recordings, _ = rows.ready_session(interview)
    Run.objects.all().delete()
    lost = recordings[2]
    lost.transcript.delete()
    run = rows.add_run(session, recordings, jobs={("transcribe", lost.pk): dict(rows.DEAD)})
    rows.fail_attempt(run, "transcribe", lost.pk, "invalid_media")
    found = asking(alice, session)
    (absence,) = found.missing
    assert (absence.stage, absence.question_order) == ("transcribe", 3)
    assert absence.failure.message
    assert absence.failure.suggestion
    assert absence.support_reference == "ref-1234"
    assert sum(1 for a in found.answers if a.recording.transcript) == 4


def test_what_the_last_run_wrote_down_as_missing_is_shown_without_its_jobs(
    alice, interview, asking
):
    session = factories.make_session(interview)
    recording = rows.add_recorded_answer(session.responses.first(), transcribed=False)
    rows.finish(
        session,
        missing=[
            {"stage": "transcribe", "subject_id": str(recording.pk), "code": "no_audio_track"},
            {"stage": "evaluate", "subject_id": str(session.pk), "code": "cancelled"},
        ],
    )
    first, second = asking(alice, session).missing
    assert first.failure.code == "no_audio_track"
    assert first.question_order is not None
    assert second.failure.code == "cancelled"
    assert second.question_order is None


def test_what_a_later_run_left_alone_is_still_missing_and_what_it_did_is_not(
    alice, interview, asking
):
    session, (first, second), _ = rows.ready_session(interview)
    Run.objects.all().delete()
    rows.finish(
        session,
        missing=[
            {"stage": "transcribe", "subject_id": str(row.pk), "code": "invalid_media"}
            for row in (first, second)
        ],
    )
    rows.add_run(session, [second], jobs={("evaluate", None): dict(rows.DEAD)})
    assert [(row.stage, row.subject_id) for row in asking(alice, session).missing] == [
        ("evaluate", session.pk),
        ("transcribe", first.pk),
    ]


def test_the_newest_consent_counts(alice, interview, asking):
    session = factories.make_session(interview)
    factories.give_consent(session, "ai_analysis", granted=False)
    assert asking(alice, session).consents == {"recording": True, "ai_analysis": False}


def test_two_raters_stand_side_by_side_and_an_old_one_is_gone(alice, interview, asking):
    session, _, _ = rows.ready_session(interview)
    rows.add_rater(session, "openai", failure_code="rate_limited")
    rows.add_rater(session, "openai", is_current=False)
    raters = asking(alice, session).raters
    assert [rater.provider for rater in raters] == ["deterministic", "openai"]
    assert raters[1].failure.code == "rate_limited"
    assert raters[1].mean_level is None


def test_insufficient_evidence_is_no_level_and_does_not_count_in_the_mean(alice, interview, asking):
    session = factories.make_session(interview)
    first, second = session.responses.order_by("question__order")
    rater = rows.add_rater(session)
    rows.add_recorded_answer(first)
    rows.rate(first, rater, level=5)
    rows.rate(second, rater, level=None)
    found = asking(alice, session)
    assert found.answers[1].ratings[0].level is None
    assert found.answers[1].ratings[0].anchor == ""
    assert (found.raters[0].mean_level, found.raters[0].insufficient_count) == (5.0, 1)


def shape_of(serializer):
    """Field names of a serializer, nested."""
    found = {}
    for name, field in serializer.fields.items():
        child = getattr(field, "child", field)
        found[name] = shape_of(child) if hasattr(child, "fields") else None
    return found


def compare(data, shape, path="$"):
    if isinstance(data, list):
        for item in data:
            compare(item, shape, path)
    elif shape is not None and data is not None:
        assert set(data) == set(shape), path
        for name, inner in shape.items():
            compare(data[name], inner, f"{path}.{name}")


def test_the_schema_says_exactly_what_is_sent(alice, interview, asking, principal):
    session, recordings, _ = rows.ready_session(interview)
    Run.objects.all().delete()
    rows.add_run(session, recordings, jobs={("transcribe", recordings[0].pk): dict(rows.DEAD)})
    compare(as_data(asking(alice, session)), shape_of(SessionDataOnlySerializer()))
    board = boards.board(principal(alice), interview.key)
    compare(as_data(board.rows), shape_of(SessionRowSerializer()))


def test_a_board_of_many_sessions_takes_as_many_queries_as_one(
    alice, interview, principal, django_assert_max_num_queries
):
    def look():
        return queries(
            django_assert_max_num_queries, lambda: boards.board(principal(alice), interview.key)
        )

    rows.ready_session(interview)
    one = look()
    for number in range(5):
        rows.ready_session(interview, alias=f"Robin {number}")
    assert look() == one <= 13


def test_a_board_is_cut_into_pages_that_neither_repeat_nor_lose_a_session(
    alice, interview, principal, monkeypatch
):
    monkeypatch.setattr(boards, "BOARD_ROWS", 2)
    sessions = {factories.make_session(interview, alias=f"Wren {n}").pk for n in range(5)}
    seen, before = [], None
    for _ in range(3):
        page = boards.board(principal(alice), interview.key, before=before)
        seen += [row.id for row in page.rows]
        before = page.older
    assert before is None
    assert len(seen) == 5
    assert set(seen) == sessions


def test_a_reviewers_board_holds_only_what_is_assigned_to_her(rita, interview, principal):
    mine = factories.make_session(interview)
    factories.make_session(interview, alias="Robin 7")
    mine.assignments.create(member=rita.membership)
    assert [row.id for row in boards.board(principal(rita), interview.key).rows] == [mine.pk]


def test_a_recording_of_another_session_is_not_found_under_this_one(alice, interview, principal):
    session, _, _ = rows.ready_session(interview)
    _, others, _ = rows.ready_session(interview, alias="Robin 7")
    with pytest.raises(Http404):
        selectors.recording_results(principal(alice), interview.key, session.pk, others[0].pk)
