"""Carol changes her mind: she withdraws from the whole interview."""

import pytest

from interviews import services
from interviews.models import ConsentRecord, Session
from interviews.selectors import granted_scopes
from ops.conflicts import StateConflict
from ops.models import AuditEntry, Event, Job, Run
from recordings.services import RefusedUrl, issue_urls
from tests import factories


@pytest.fixture
def withdrawn(agreed, responses, now):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    return services.withdraw_session(session=agreed, now=now)


def test_withdrawing_ends_the_session_and_takes_every_consent_back(withdrawn):
    assert Session.objects.get().state == "withdrawn"
    assert granted_scopes(withdrawn.pk) == frozenset()
    assert Session.objects.get().ai_mode == "off"


def test_what_was_agreed_before_stays_on_record(withdrawn):
    said = ConsentRecord.objects.filter(scope="recording").order_by("pk")
    assert list(said.values_list("granted", flat=True)) == [True, False]


def test_what_waits_is_cancelled_and_the_board_is_told(withdrawn):
    assert Run.objects.get().state == "cancelled"
    assert Event.objects.filter(type="withdrawn").count() == 1
    assert not Job.objects.filter(state="waiting").exists()


def test_a_waiting_job_of_the_run_is_cancelled(agreed, responses, arrived, now):
    recording = arrived(responses[0])
    services.submit_response(response=responses[0], now=now)
    run = Run.objects.get()
    from ops import jobs  # noqa: PLC0415 - beside what it adds

    jobs.add_recording(run_id=run.pk, subject_id=recording.pk)
    services.withdraw_session(session=agreed, now=now)
    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}


def test_withdrawing_is_written_down(withdrawn):
    entry = AuditEntry.objects.get(action="session.withdrawn")
    assert entry.actor == f"candidate:{withdrawn.pk}"


def test_withdrawing_twice_gives_the_same_answer(withdrawn, now):
    services.withdraw_session(session=withdrawn, now=now)
    assert AuditEntry.objects.filter(action="session.withdrawn").count() == 1


def test_after_people_decided_only_a_consent_can_be_taken_back(agreed, now):
    Session.objects.update(state="decided")
    with pytest.raises(StateConflict) as refused:
        services.withdraw_session(session=agreed, now=now)
    assert refused.value.code == "session_decided"
    services.record_consents(session=agreed, granted={"recording": True}, now=now)
    assert granted_scopes(agreed.pk) == {"recording"}
    assert Session.objects.get().state == "decided"


def test_a_withdrawal_is_the_last_word(withdrawn, responses, now):
    steps = (
        lambda: services.record_consents(session=withdrawn, granted={"recording": True}, now=now),
        lambda: services.submit_session(session=withdrawn, now=now),
        lambda: services.submit_text(response=responses[1], text="Late.", now=now),
    )
    for step in steps:
        with pytest.raises(StateConflict) as refused:
            step()
        assert refused.value.code == "session_withdrawn"
    assert Session.objects.get().state == "withdrawn"


def test_nobody_plays_what_was_withdrawn(interview, alice, principal, now):
    session = factories.make_session(interview)
    recording = factories.make_recording(session.responses.first())
    asked = {
        "principal": principal(alice),
        "recordings": [recording.pk],
        "rendition": "original",
        "purpose": "preview",
    }
    assert not isinstance(issue_urls(**asked, now=now)[0], RefusedUrl)
    Session.objects.update(state="withdrawn")
    assert isinstance(issue_urls(**asked, now=now)[0], RefusedUrl)


def test_an_expired_session_stays_expired_when_a_consent_is_taken_back(agreed, now):
    Session.objects.update(state="expired", deadline_at=now)
    services.record_consents(session=agreed, granted={}, now=now)
    assert Session.objects.get().state == "expired"
    assert granted_scopes(agreed.pk) == frozenset()
