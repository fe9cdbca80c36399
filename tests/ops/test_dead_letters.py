"""Dead letters: grouped, driven again one by one or at a rate, discarded, ended after 30 days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ops import breakers, jobs, redrive_queue
from ops.dead_letters import discard_matching, expire_letters
from ops.failures import StageFailure
from ops.letter_queries import LetterFilters, count_by_queue, group_letters, matching_letters
from ops.models import Attempt, AuditEntry, BreakerState, DeadLetter, Job
from ops.redrive_queue import release_redrives, schedule_redrives
from tests.ops.lab import Lab, events

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def dying(lab, code="invalid_media", recordings=1, detail=""):
    """Let `prepare` of so many recordings of a new session die; return their letters."""

    def fail(subject_id, report):
        raise StageFailure(code, detail)

    session = Lab(lab.organization)
    session.line(prepare=fail)
    known = set(DeadLetter.objects.values_list("pk", flat=True))
    session.sealed(recordings)
    for _ in range(60):
        Job.objects.filter(state="waiting").update(run_at=timezone.now())
        if not jobs.run_due():
            break
    return list(DeadLetter.objects.exclude(pk__in=known))


def open_letters(**filters):
    return matching_letters(LetterFilters(**filters), timezone.now())


def test_a_letter_knows_its_stage_its_queue_and_who_waits(lab):
    (letter,) = dying(lab)
    job = letter.job
    assert (letter.stage, letter.queue) == ("prepare", "short")
    assert letter.waiting_id == job.run.subject_id


def test_groups_tell_how_many_letters_and_how_many_candidates(lab):
    dying(lab, recordings=2)
    dying(lab, recordings=1)
    dying(lab, code="no_audio_track")
    first, second = group_letters(open_letters(), by="fingerprint", now=timezone.now())
    assert (first.failure_code, first.count, first.candidates) == ("invalid_media", 3, 2)
    assert (second.failure_code, second.count, second.candidates) == ("no_audio_track", 1, 1)
    assert first.stages == ("prepare",)
    assert first.suggestion


def test_messages_that_read_alike_are_one_group_across_fingerprints(lab):
    dying(lab, code="unknown", detail="row 17 is gone")
    dying(lab, code="unknown", detail="row 4711 is gone")
    DeadLetter.objects.filter(pk=DeadLetter.objects.first().pk).update(fingerprint="elsewhere")
    now = timezone.now()
    assert len(group_letters(open_letters(), by="fingerprint", now=now)) == 2
    (group,) = group_letters(open_letters(), by="similar", now=now)
    assert (group.count, group.shape) == (2, "StageFailure: unknown: row <n> is gone")


def test_a_spike_is_many_within_the_hour_and_more_than_the_day_before(lab):
    now = timezone.now()
    dying(lab, recordings=5)
    (group,) = group_letters(open_letters(), by="fingerprint", now=now)
    assert group.is_spike
    old = dying(lab, recordings=48)
    DeadLetter.objects.filter(pk__in=[letter.pk for letter in old]).update(
        created_at=now - 2 * HOUR
    )
    (group,) = group_letters(open_letters(), by="fingerprint", now=now)
    assert (group.last_hour, group.is_spike) == (5, False)


def test_counts_by_queue_and_code_take_one_query(lab, django_assert_num_queries):
    dying(lab, recordings=2)
    dying(lab, code="no_audio_track")
    with django_assert_num_queries(1):
        queues = count_by_queue(open_letters())
    assert queues["short"].count == 3
    assert queues["short"].by_code == {"invalid_media": 2, "no_audio_track": 1}


def test_filters_narrow_by_code_and_age(lab):
    dying(lab, recordings=2)
    old = dying(lab, code="no_audio_track")[0]
    DeadLetter.objects.filter(pk=old.pk).update(created_at=timezone.now() - HOUR)
    assert open_letters(code="no_audio_track").get() == old
    assert open_letters(older_than_s=1800).get() == old
    assert open_letters(job_ids=(old.job.public_id,)).get() == old
    assert not open_letters(queue="long").exists()


def test_many_go_back_to_work_one_after_the_other(lab):
    dying(lab, recordings=3)
    now = timezone.now()
    schedule = schedule_redrives(
        letters=open_letters(), actor="member:1", reason="fixed", now=now, rate_per_min=60
    )
    assert (schedule.count, schedule.candidates) == (3, 1)
    assert schedule.last_at == now + timedelta(seconds=2)
    assert release_redrives(now) == 1
    assert release_redrives(now) == 0
    assert release_redrives(now + timedelta(seconds=2)) == 2
    assert DeadLetter.objects.filter(state="retrying").count() == 3
    actors = AuditEntry.objects.filter(action="job.redriven").values_list("actor", "detail__reason")
    assert set(actors) == {("member:1", "fixed")}


def test_a_dry_run_counts_and_changes_nothing(lab):
    dying(lab, recordings=3)
    before = list(DeadLetter.objects.order_by("pk").values())
    schedule = schedule_redrives(
        letters=open_letters(), actor="member:1", reason="", now=timezone.now(), is_dry_run=True
    )
    assert schedule.count == 3
    assert list(DeadLetter.objects.order_by("pk").values()) == before


def test_what_passes_by_itself_is_driven_again_after_an_hour_then_six_then_a_day(lab):
    (letter,) = dying(lab, code="network_timeout")
    waits = []
    while letter.redrive_at:
        waits.append(round((letter.redrive_at - timezone.now()) / HOUR))
        assert release_redrives(letter.redrive_at) == 1
        letter.refresh_from_db()
        assert letter.state == "retrying"
        while Job.objects.filter(pk=letter.job_id, state="waiting").update(run_at=timezone.now()):
            jobs.run_due()
        letter.refresh_from_db()
    assert waits == [1, 6, 24]
    assert (letter.state, letter.automatic_redrives) == ("open", 3)
    assert AuditEntry.objects.filter(action="job.redriven", actor="engine").count() == 3


def test_what_a_person_must_mend_is_never_driven_again_by_itself(lab):
    (letter,) = dying(lab, code="invalid_media")
    assert letter.redrive_at is None
    assert release_redrives(timezone.now() + 100 * HOUR) == 0


def test_with_an_empty_setting_nothing_is_driven_again_by_itself(lab, settings):
    settings.AUTOMATIC_REDRIVE_AFTER_H = []
    assert dying(lab, code="network_timeout")[0].redrive_at is None


def test_while_a_breaker_is_open_nothing_goes_back_by_itself_but_people_may(lab):
    automatic, asked = dying(lab, code="network_timeout", recordings=2)
    BreakerState.objects.create(dependency="openai.chat", forced="open")
    at = automatic.redrive_at
    schedule_redrives(
        letters=DeadLetter.objects.filter(pk=asked.pk), actor="member:1", reason="", now=at
    )
    assert release_redrives(at) == 1
    automatic.refresh_from_db()
    assert automatic.redrive_at == at + redrive_queue.ASK_AGAIN_AFTER
    breakers.force_breaker(dependency="openai.chat", to="", actor="x", reason="", now=at)
    assert release_redrives(automatic.redrive_at) == 1


def test_a_letter_whose_job_is_no_longer_dead_is_left_alone(lab):
    (letter,) = dying(lab, code="network_timeout")
    Job.objects.filter(pk=letter.job_id).update(state="cancelled")
    assert release_redrives(letter.redrive_at) == 0
    letter.refresh_from_db()
    assert (letter.state, letter.redrive_at) == ("open", None)


def test_people_see_that_nobody_asked(lab):
    (letter,) = dying(lab, code="network_timeout")
    release_redrives(letter.redrive_at)
    told = [
        payload["reason"] for _, payload in events(letter.job.run, "stage") if "reason" in payload
    ]
    assert told[-1] == "retried by itself"


def test_all_that_match_are_discarded_at_once_with_one_entry_in_the_audit_trail(lab):
    dying(lab, recordings=2)
    kept = dying(lab, code="no_audio_track")[0]
    chosen = open_letters(code="invalid_media")
    assert discard_matching(letters=chosen, actor="m", reason="test data", is_dry_run=True) == 2
    assert open_letters().count() == 3
    assert discard_matching(letters=chosen, actor="m", reason="test data") == 2
    assert open_letters().get() == kept
    entry = AuditEntry.objects.get(action="dead_letter.many_discarded")
    assert entry.detail == {
        "count": 2,
        "by_code": {"invalid_media": 2},
        "reason": "test data",
    }


def test_after_thirty_days_a_letter_ends_its_texts_go_and_the_audit_stays(lab):
    (letter,) = dying(lab, detail="broken file")
    assert expire_letters(now=letter.expires_at - HOUR) == 0
    assert expire_letters(now=letter.expires_at) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.shape) == ("expired", "")
    attempt = Attempt.objects.get(job=letter.job)
    assert (attempt.error, attempt.traceback) == ("", "")
    assert attempt.failure_code == "invalid_media"
    entry = AuditEntry.objects.get(action="dead_letter.expired")
    assert entry.detail["failure_code"] == "invalid_media"
    assert expire_letters(now=letter.expires_at) == 0


def test_a_letter_that_is_being_retried_does_not_expire(lab):
    (letter,) = dying(lab)
    jobs.redrive(job_id=letter.job.public_id, actor="m", now=timezone.now())
    assert expire_letters(now=letter.expires_at) == 0
