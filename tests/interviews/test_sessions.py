from datetime import timedelta

import pytest

from interviews import services
from interviews.models import ConsentRecord, InterviewQuestion, Invitation, Session, Take
from interviews.notices import consent_notice
from interviews.selectors import granted_scopes
from ops.conflicts import StateConflict
from ops.models import Event, Run


def answer_all(responses, now):
    for response in responses:
        services.submit_text(response=response, text="I asked three customers.", now=now)


def types(run_type):
    return list(Event.objects.filter(type=run_type).values_list("payload", flat=True))


def test_a_started_session_has_a_response_per_question_and_one_open_run(started, interview):
    run = Run.objects.get()
    assert started.state == "invited"
    assert started.responses.count() == 2
    assert (run.subject_id, run.board, run.state) == (started.pk, interview.key, "open")
    assert run.expected_recordings == 2


def test_the_same_link_resumes_the_same_session(invitation, started, now):
    again = services.start_session(invitation=invitation[0], now=now + timedelta(days=1))
    assert again == started
    assert Run.objects.count() == Session.objects.count() == 1


def test_a_closed_interview_starts_no_session(invitation, interview, now):
    interview.versions.update(state="closed")
    with pytest.raises(StateConflict) as refused:
        services.start_session(invitation=invitation[0], now=now)
    assert refused.value.code == "interview_closed"


def test_consent_is_kept_per_scope_with_the_words_that_were_read(agreed, interview):
    notice = consent_notice(interview)
    records = {row.scope: row for row in ConsentRecord.objects.all()}
    assert {scope: row.granted for scope, row in records.items()} == {
        "recording": True,
        "ai_analysis": True,
        "long_retention": False,
    }
    assert {row.notice_hash for row in records.values()} == {notice.content_hash}
    assert {row.notice_version for row in records.values()} == {notice.version}
    assert agreed.state == "consented"
    assert types("consent")[0]["scopes"]["recording"] is True


def test_the_notice_asks_about_video_only_where_video_is_measured(interview):
    assert "video_metrics" not in {each.scope for each in consent_notice(interview).scopes}
    interview.measures_video = True
    assert "video_metrics" in {each.scope for each in consent_notice(interview).scopes}


def test_without_ai_mode_nobody_is_asked_about_it(interview):
    interview.ai_mode = "off"
    assert "ai_analysis" not in {each.scope for each in consent_notice(interview).scopes}


def test_refusing_software_goes_on_without_it(started, now):
    session = services.record_consents(session=started, granted={"recording": True}, now=now)
    assert (session.state, session.ai_mode) == ("consented", "off")


def test_refusing_to_be_recorded_declines_and_can_be_reconsidered(started, now):
    declined = services.record_consents(session=started, granted={"ai_analysis": True}, now=now)
    assert declined.state == "declined"
    again = services.record_consents(session=started, granted={"recording": True}, now=now)
    assert again.state == "consented"
    assert ConsentRecord.objects.count() == 6  # append-only


def test_the_newest_word_counts(agreed, now):
    services.record_consents(session=agreed, granted={"recording": True}, now=now)
    assert granted_scopes(agreed.pk) == {"recording"}


def test_a_notice_that_changed_must_be_read_again(started, now):
    with pytest.raises(StateConflict) as refused:
        services.record_consents(
            session=started, granted={"recording": True}, now=now, notice_hash="0" * 64
        )
    assert refused.value.code == "notice_changed"
    assert not ConsentRecord.objects.exists()


def test_after_the_end_consent_can_be_taken_back_but_not_widened(agreed, responses, now):
    answer_all(responses, now)
    services.submit_session(session=agreed, now=now)
    with pytest.raises(StateConflict):
        services.record_consents(
            session=agreed, granted={"recording": True, "long_retention": True}, now=now
        )
    session = services.record_consents(session=agreed, granted={"recording": True}, now=now)
    assert session.state == "submitted"
    assert granted_scopes(agreed.pk) == {"recording"}


def test_submitting_seals_the_run_with_its_recordings(agreed, responses, arrived, now):
    arrived(responses[0])
    services.submit_response(response=responses[0], now=now)
    services.submit_text(response=responses[1], text="I asked.", now=now)
    session = services.submit_session(session=agreed, now=now)
    run = Run.objects.get()
    assert (session.state, session.submitted_at) == ("submitted", now)
    assert run.sealed_at is not None
    assert run.expected_recordings == 1
    assert types("submitted") == [{"recordings": 1}]


def test_submitting_twice_gives_the_same_answer(agreed, responses, now):
    answer_all(responses, now)
    first = services.submit_session(session=agreed, now=now)
    events = Event.objects.count()
    second = services.submit_session(session=agreed, now=now + timedelta(hours=1))
    assert second.submitted_at == first.submitted_at
    assert Event.objects.count() == events


def test_a_required_question_without_an_answer_is_named(agreed, responses, now):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    with pytest.raises(StateConflict) as refused:
        services.submit_session(session=agreed, now=now)
    assert refused.value.code == "answer_missing"
    assert "Question 2" in refused.value.message
    assert responses[1].question.text in refused.value.message
    assert Run.objects.get().sealed_at is None


def test_a_take_on_its_way_is_waited_for(agreed, responses, arrived, now):
    answer_all(responses[1:], now)
    recording = arrived(responses[0])
    Take.objects.filter(pk=recording.take_id).update(state=Take.State.UPLOADING)
    with pytest.raises(StateConflict) as refused:
        services.submit_session(session=agreed, now=now)
    assert refused.value.code == "upload_running"


def test_a_recording_that_arrived_unsaid_is_an_answer(agreed, responses, arrived, now):
    answer_all(responses[1:], now)
    arrived(responses[0])
    services.submit_session(session=agreed, now=now)
    responses[0].refresh_from_db()
    assert (responses[0].state, responses[0].mode) == ("submitted", "audio")


def test_an_answer_found_unusable_must_be_given_again(agreed, responses, arrived, now):
    answer_all(responses[1:], now)
    recording = arrived(responses[0])
    services.submit_response(response=responses[0], now=now)
    Take.objects.filter(pk=recording.take_id).update(state=Take.State.TECHNICAL_FAILED)
    with pytest.raises(StateConflict) as refused:
        services.submit_session(session=agreed, now=now)
    assert "Question 1" in refused.value.message


def test_optional_questions_may_stay_open(agreed, responses, now):
    InterviewQuestion.objects.filter(order=2).update(required=False)
    services.submit_text(response=responses[0], text="I asked.", now=now)
    assert services.submit_session(session=agreed, now=now).state == "submitted"


def test_nothing_is_submitted_before_consent(started, now):
    with pytest.raises(StateConflict) as refused:
        services.submit_session(session=started, now=now)
    assert refused.value.code == "consent_missing"


def test_nothing_is_submitted_after_the_deadline(agreed, responses, now):
    answer_all(responses, now)
    with pytest.raises(StateConflict) as refused:
        services.submit_session(session=agreed, now=agreed.deadline_at)
    assert refused.value.code == "session_over"


def test_a_link_cut_short_ends_the_session_too(agreed, responses, now):
    Invitation.objects.update(expires_at=now)
    with pytest.raises(StateConflict) as refused:
        services.submit_text(response=responses[0], text="I asked.", now=now)
    assert refused.value.code == "session_over"
