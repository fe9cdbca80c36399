"""What is spent is counted once: with the effect, or without it when there is none."""

import uuid
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from ops import jobs, ledger, settle
from ops.failures import StageFailure
from ops.ledger import Saving
from ops.models import Job, UsageEntry
from tests.ops.lab import job_of

pytestmark = pytest.mark.django_db
SUBJECT = uuid.UUID("6a1c7d86-6f0b-4d6f-a8a9-3d7c1d3f6b11")


def rows(**filters):
    """{kind: quantity} of the ledger; fails where a kind has two rows."""
    found = list(UsageEntry.objects.filter(**filters).values_list("kind", "quantity"))
    assert len(dict(found)) == len(found), found
    return dict(found)


def test_what_is_counted_in_a_bill_becomes_one_row_per_kind(acme):
    payer = {"organization_id": acme.id, "subject_kind": "session", "subject_id": SUBJECT}
    with ledger.opened_bill(), ledger.charged_to(**payer):
        for _ in range(7):
            ledger.count("storage_get", provider="s3", model="STANDARD")
        ledger.count("storage_bytes_out", 5000, provider="s3")
        assert not UsageEntry.objects.exists()
    assert rows() == {"storage_get": 7, "storage_bytes_out": 5000}
    entry = UsageEntry.objects.get(kind="storage_get")
    assert (entry.organization_id, entry.subject_id, entry.unit) == (acme.id, SUBJECT, "call")
    assert entry.unit_cost_usd == Decimal("0.0000004")
    assert entry.cost_usd == Decimal("0.0000028")


def test_two_payers_have_two_rows(acme):
    other = uuid.uuid4()
    with ledger.opened_bill(), ledger.charged_to(organization_id=acme.id):
        with ledger.charged_to(subject_kind="session", subject_id=SUBJECT):
            ledger.count("storage_put", provider="s3")
        with ledger.charged_to(subject_kind="session", subject_id=other):
            ledger.count("storage_put", 2, provider="s3")
    assert rows(subject_id=SUBJECT, organization=acme) == {"storage_put": 1}
    assert rows(subject_id=other, organization=acme) == {"storage_put": 2}


def test_without_a_bill_it_is_written_at_once_and_without_a_payer_too():
    ledger.count("mail", provider="smtp")
    entry = UsageEntry.objects.get()
    assert (entry.organization_id, entry.subject_id, entry.cost_usd) == (None, None, None)


def test_an_unknown_kind_is_a_mistake():
    with pytest.raises(ValueError, match="no kind of usage"):
        ledger.count("coffee", provider="s3")


def test_what_was_spared_is_priced_by_its_alternative():
    spared = Saving(by="local", quantity=120, provider="openai", model="gpt-transcribe")
    ledger.count("audio_s", 120, provider="local_whisper", saving=spared)
    entry = UsageEntry.objects.get()
    assert (entry.cost_usd, entry.saved_usd) == (0, Decimal("0.009"))
    assert (entry.saved_by, entry.saved_quantity) == ("local", 120)
    assert entry.alternative == "openai gpt-transcribe"


def test_an_unknown_alternative_saves_no_stated_sum():
    spared = Saving(by="cache", quantity=10, provider="openai", model="a-model-of-tomorrow")
    ledger.count("tokens_in", 0, provider="openai", model="a-model-of-tomorrow", saving=spared)
    assert UsageEntry.objects.get().saved_usd is None


@pytest.mark.django_db(transaction=True)
def test_a_bill_outlives_an_error_and_a_transaction_that_is_undone():
    def fail():
        with ledger.opened_bill(), transaction.atomic():
            ledger.count("storage_get", provider="s3")
            ledger.record_usage(kind="tokens_in", quantity=9, provider="openai", model="gpt-5-mini")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows() == {"storage_get": 1, "tokens_in": 9}


@pytest.mark.django_db(transaction=True)
def test_what_a_provider_bills_is_written_before_anything_else_happens():
    with ledger.opened_bill():
        ledger.record_usage(kind="tokens_in", quantity=9, provider="openai", model="gpt-5-mini")
        assert rows() == {"tokens_in": 9}
    assert rows() == {"tokens_in": 9}


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_the_bill_keeps_what_was_spent(monkeypatch):
    insert = ledger._insert
    away = [True]

    def fail_once(lines):
        if away.pop() if away else False:
            raise DatabaseError
        insert(lines)

    monkeypatch.setattr(ledger, "_insert", fail_once)
    with ledger.opened_bill():
        ledger.record_usage(kind="tokens_in", quantity=9, provider="openai", model="gpt-5-mini")
        assert rows() == {}
    assert rows() == {"tokens_in": 9}


def test_a_commit_whose_answer_was_lost_doubles_nothing():
    with ledger.opened_bill() as bill:
        ledger.count("storage_get", 3, provider="s3")
        bill.write()  # committed, but nobody heard of it
    assert rows() == {"storage_get": 3}


# --- jobs --------------------------------------------------------------------------------


def spend(*_):
    ledger.count("storage_get", 2, provider="s3")
    ledger.record_usage(kind="audio_s", quantity=60, provider="openai", model="gpt-transcribe")


def test_a_job_charges_the_subject_of_its_run_and_names_its_attempt(lab):
    lab.stage("prepare", behave=spend)
    run, _ = lab.finished()
    for entry in UsageEntry.objects.all():
        assert (entry.organization_id, entry.run_id) == (lab.organization.id, run.id)
        assert (entry.subject_kind, entry.subject_id) == ("session", lab.session_id)
        assert (entry.job_id, entry.attempt) == (job_of("prepare").public_id, 1)
    assert rows() == {"storage_get": 2, "audio_s": 60}


def test_usage_and_effect_are_committed_together(lab, monkeypatch):
    """A settling that fails in the middle writes neither, and the one after it both, once."""
    lab.stage("prepare", behave=spend)
    tell, broken = settle.follow, [True]

    def fail_once(*arguments):
        if broken:
            broken.pop()
            raise ZeroDivisionError
        tell(*arguments)

    lab.sealed(1)
    monkeypatch.setattr(settle, "follow", fail_once)
    jobs.run_due()
    assert job_of("prepare").state == Job.State.WAITING
    assert rows() == {"storage_get": 2, "audio_s": 60}  # of the failed attempt


def test_an_attempt_that_fails_has_spent_its_calls_and_the_next_one_its_own(lab):
    tries = []

    def work(*_):
        spend()
        tries.append(1)
        if len(tries) == 1:
            raise StageFailure("network_timeout", "no answer")

    lab.stage("prepare", behave=work)
    lab.sealed(1)
    jobs.run_due()
    assert rows(attempt=1) == {"storage_get": 2, "audio_s": 60}
    Job.objects.update(run_at="2020-01-01T00:00:00Z")
    jobs.run_due()
    assert job_of("prepare").state == Job.State.DONE
    assert rows(attempt=2) == {"storage_get": 2, "audio_s": 60}
    assert UsageEntry.objects.count() == 4


def test_a_late_worker_writes_no_effect_but_what_it_spent(lab):
    def lose_the_lease(*_):
        spend()
        Job.objects.update(token=99)

    lab.stage("prepare", behave=lose_the_lease)
    lab.sealed(1)
    jobs.run_due(limit=1)
    assert rows(attempt=1) == {"storage_get": 2, "audio_s": 60}


def test_an_erased_subject_leaves_sums_and_no_trace_of_itself(acme):
    with ledger.charged_to(organization_id=acme.id, subject_kind="session", subject_id=SUBJECT):
        spend()
    assert ledger.forget_subject(subject_id=SUBJECT) == 2
    for entry in UsageEntry.objects.all():
        assert (entry.subject_id, entry.run_id, entry.job_id) == (None, None, None)
        assert entry.organization_id == acme.id
    assert rows() == {"storage_get": 2, "audio_s": 60}
