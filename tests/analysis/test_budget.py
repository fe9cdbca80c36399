"""A budget that ends in mid-session: local engines go on, nothing is lost, people see why."""

from decimal import Decimal

import pytest
from django.db import transaction

from analysis import engines
from analysis.models import AnalysisRun, Transcript
from analysis.stages.evaluate import evaluate
from analysis.stages.transcribe import transcribe
from ops import budgets, ledger
from ops.failures import StageFailure
from ops.models import UsageEntry
from tests.analysis.sessions import responses, say, submit

pytestmark = pytest.mark.django_db
GOOD = (
    "Last year our nightly invoices were wrong for about three percent of customers.\n"
    "I pulled the logs for forty failed invoices and compared them with forty good ones.\n"
    "Within a week the errors fell to zero, and I learned to compare first."
)


def hear(recording, report):
    outcome = transcribe(recording.id, report)
    with transaction.atomic():
        outcome.write()
    return Transcript.objects.get(recording=recording)


def test_in_mid_session_the_local_engine_takes_over_and_nothing_is_lost(
    session, recordings, cloud, local, make_report, monkeypatch
):
    monkeypatch.setattr(engines, "transcribers", lambda: [cloud, local])
    cent = Decimal("0.01")
    budgets.set_budget(organization=session.organization, budget_usd=cent, actor="member:1")
    ledger.record_usage(  # all but a hundredth of a cent of it
        kind="audio_s",
        quantity=132,
        provider="openai",
        model="gpt-transcribe",
        organization_id=session.organization_id,
    )
    first, second = (hear(recording, make_report()) for recording in recordings)
    assert (first.engine, first.fallbacks) == ("test", [])
    assert (len(cloud.calls), len(local.calls)) == (1, 1)
    assert second.text == local.text
    [passed] = second.fallbacks
    assert (passed["engine"], passed["code"]) == ("openai", "budget_exceeded")
    assert "budget of this month" in passed["reason"]
    kinds = UsageEntry.objects.exclude(subject_id=None).order_by("pk")
    kinds = kinds.values_list("provider", "saved_by")
    assert list(kinds) == [("openai", ""), ("local_whisper", "local")]


def test_where_no_local_engine_is_the_step_waits_for_people(
    session, recordings, cloud, report, monkeypatch
):
    monkeypatch.setattr(engines, "transcribers", lambda: [cloud])
    budgets.set_budget(organization=session.organization, budget_usd=Decimal(0), actor="member:1")
    with pytest.raises(StageFailure, match="budget_exceeded"):
        transcribe(recordings[0].id, report)
    assert not cloud.calls
    budgets.set_budget(organization=session.organization, budget_usd=Decimal(9), actor="member:1")
    assert hear(recordings[0], report).text == cloud.text


def test_over_budget_no_language_model_is_asked_and_the_fixed_reading_stands(
    session, report, make_report, stub_openai
):
    server = stub_openai({})
    say(responses(session)[0], GOOD)
    submit(session)
    budgets.set_budget(organization=session.organization, budget_usd=Decimal(0), actor="member:1")
    outcome = evaluate(session.id, report)
    with transaction.atomic():
        outcome.write()
    assert not server.requests
    assert AnalysisRun.objects.get(provider="openai").failure_code == "budget_exceeded"
    assert AnalysisRun.objects.get(provider="deterministic").ratings.count()
