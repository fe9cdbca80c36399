import pytest
from django.db import transaction

from interviews import services
from interviews.models import ConsentRecord, InterviewQuestion, Response, Session, Take
from ops.conflicts import StateConflict
from ops.models import Event


def refusal(call, **arguments):
    with pytest.raises(StateConflict) as refused:
        call(**arguments)
    return refused.value.code


def test_a_typed_answer_is_kept_and_the_board_hears_of_it(agreed, responses, now):
    answer = services.submit_text(response=responses[0], text="  I asked.  ", now=now)
    assert (answer.state, answer.mode, answer.text) == ("submitted", "text", "I asked.")
    event = Event.objects.get(type="answer")
    assert event.payload == {
        "response_id": str(answer.pk),
        "question": 1,
        "state": "submitted",
        "mode": "text",
    }


def test_the_first_answer_puts_the_session_in_progress(agreed, responses, now):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    assert Session.objects.get().state == "in_progress"


def test_a_typed_answer_may_be_replaced(responses, now):
    services.submit_text(response=responses[0], text="One.", now=now)
    services.submit_text(response=responses[0], text="Two.", now=now)
    assert Response.objects.get(pk=responses[0].pk).text == "Two."


@pytest.mark.parametrize(
    ("text", "code"), [(" \n ", "answer_empty"), ("x" * 20_001, "answer_too_long")]
)
def test_a_text_has_a_measure(responses, now, text, code):
    assert refusal(services.submit_text, response=responses[0], text=text, now=now) == code


def test_a_mode_that_is_not_offered_is_refused(responses, now):
    InterviewQuestion.objects.update(modes=["audio"])
    code = refusal(services.submit_text, response=responses[0], text="Hello.", now=now)
    assert code == "mode_not_offered"


def test_a_recording_that_arrived_becomes_the_answer_once(responses, arrived, now):
    arrived(responses[0])
    first = services.submit_response(response=responses[0], now=now)
    services.submit_response(response=responses[0], now=now)
    assert (first.state, first.mode) == ("submitted", "audio")
    assert Event.objects.filter(type="answer").count() == 1


@pytest.mark.parametrize("state", ["recording", "uploading", "discarded", "technical_failed"])
def test_without_a_recording_on_the_server_there_is_no_answer(responses, arrived, now, state):
    Take.objects.filter(pk=arrived(responses[0]).take_id).update(state=state)
    code = refusal(services.submit_response, response=responses[0], now=now)
    assert code == "answer_not_received"


def test_a_recording_needs_consent_when_it_is_sent(agreed, responses, arrived, now):
    arrived(responses[0])
    ConsentRecord.objects.create(
        session=agreed, scope="recording", granted=False, notice_version="1", notice_hash="0" * 64
    )
    code = refusal(services.submit_response, response=responses[0], now=now)
    assert code == "consent_missing"


def test_a_recording_is_not_typed_over(responses, arrived, now):
    arrived(responses[0])
    code = refusal(services.submit_text, response=responses[0], text="Hello.", now=now)
    assert code == "already_answered"


def test_a_required_question_can_not_be_skipped(responses, now):
    assert refusal(services.skip_response, response=responses[0], now=now) == "question_required"


def test_an_optional_question_can_be_skipped_and_answered_after_all(responses, now):
    InterviewQuestion.objects.update(required=False)
    assert services.skip_response(response=responses[0], now=now).state == "skipped"
    assert services.submit_text(response=responses[0], text="Yes.", now=now).state == "submitted"


def test_nothing_is_answered_before_consent(started, now):
    response = started.responses.first()
    code = refusal(services.submit_text, response=response, text="Hello.", now=now)
    assert code == "consent_missing"


def test_nothing_is_answered_after_the_end(agreed, responses, now):
    Session.objects.update(state="submitted")
    code = refusal(services.submit_text, response=responses[0], text="Hello.", now=now)
    assert code == "session_submitted"


def test_an_answer_whose_takes_all_failed_opens_again(responses, arrived, now):
    recording = arrived(responses[0])
    services.submit_response(response=responses[0], now=now)
    with transaction.atomic():
        assert not services.reopen_response(response=responses[0])
    Take.objects.filter(pk=recording.take_id).update(state="technical_failed")
    with transaction.atomic():
        assert services.reopen_response(response=responses[0])
    assert Response.objects.get(pk=responses[0].pk).state == "open"
