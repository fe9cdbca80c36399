"""What sessions and months cost: sums that are exact, told to those who design interviews."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysis import costs
from analysis.cost_words import one_line, usd
from analysis.models import AnalysisRun, Transcript
from analysis.month_costs import month_costs
from ops import budgets, ledger
from ops.ledger import Saving
from ops.models import UsageEntry
from ops.receipts import receipt_of
from recordings.models import Recording, Rendition
from recordings.storage import forbidden_storage
from tests import factories
from tests.analysis.sessions import responses

pytestmark = pytest.mark.django_db
URL = "/api/v1/interviewer/interviews/{}/results/sessions/{}/usage"


@pytest.fixture
def spent(session):
    """A session that used storage, speech, tokens and what was known already."""
    with (
        ledger.opened_bill(),
        ledger.charged_to(
            organization_id=session.organization_id, subject_kind="session", subject_id=session.id
        ),
    ):
        ledger.count("storage_put", 3, provider="s3", model="STANDARD")
        ledger.count("storage_get", 4, provider="s3", model="STANDARD")
        ledger.count("storage_bytes_in", 1_000_000, provider="s3")
        for seconds in (70.1, 71.9, 72.0):
            ledger.record_usage(
                kind="audio_s", quantity=seconds, provider="openai", model="gpt-transcribe"
            )
        ledger.record_usage(kind="tokens_in", quantity=3000, provider="openai", model="gpt-5-mini")
        ledger.record_usage(kind="tokens_out", quantity=912, provider="openai", model="gpt-5-mini")
        known = Saving(by="cache", quantity=120, provider="openai", model="gpt-transcribe")
        ledger.record_usage(
            kind="audio_s", quantity=0, provider="openai", model="gpt-transcribe", saving=known
        )
    return session


def usage_url(session):
    return URL.format(session.version.interview.key, session.id)


# --- the receipt -----------------------------------------------------------------------------


def test_a_receipt_adds_up_exactly_to_the_counted_rows(spent):
    receipt = receipt_of(spent.id)
    rows = list(UsageEntry.objects.filter(subject_id=spent.id))
    assert receipt.entries == len(rows) == 9
    assert receipt.cost_usd == sum(row.cost_usd for row in rows)
    by_hand = Decimal("0.005") * 3 / 1000 + Decimal("0.0004") * 4 / 1000
    by_hand += Decimal("0.0045") * 214 / 60
    by_hand += Decimal("0.25") * 3000 / 10**6 + Decimal(2) * 912 / 10**6
    assert receipt.cost_usd == by_hand
    assert sum(line.cost_usd for line in receipt.lines) == receipt.cost_usd
    assert receipt.saved_usd == Decimal("0.009")


def test_a_receipt_in_one_line(spent):
    line = one_line(receipt_of(spent.id))
    assert line == "S3 calls 7, audio 214 s, tokens 3,912, saved by cache 33 %, 0.0186 USD"


def test_what_has_no_price_is_named_and_in_no_sum(spent):
    ledger.record_usage(
        kind="tokens_in", quantity=5, provider="other", model="m", subject_id=spent.id
    )
    receipt = receipt_of(spent.id)
    assert receipt.unpriced == 1
    assert [line.cost_usd for line in receipt.lines if line.provider == "other"] == [None]
    assert receipt.cost_usd == Decimal("0.0186406")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "no price known"),
        ("0", "0.00 USD"),
        ("0.031", "0.0310 USD"),
        ("0.0000028", "0.00000280 USD"),
        ("1234.5", "1,234.50 USD"),
        ("-0.2", "-0.20 USD"),
    ],
)
def test_dollars_have_as_many_places_as_they_need(amount, words):
    assert usd(None if amount is None else Decimal(amount)) == words


def test_the_receipt_is_told_by_rest_and_adds_up_there_too(spent, alice, signed_in):
    with forbidden_storage():
        answer = signed_in(alice).get(usage_url(spent)).json()
    assert answer["summary"].startswith("S3 calls 7, audio 214 s")
    assert answer["sums"]["entries"] == 9
    lines = sum(Decimal(line["cost_usd"]) for line in answer["lines"])
    assert lines == Decimal(answer["sums"]["cost_usd"]) == Decimal("0.0186406")


def test_receipts_are_not_for_reviewers_and_strangers(spent, rita, charlie, signed_in):
    assert signed_in(rita).get(usage_url(spent)).status_code == 404
    assert signed_in(charlie).get(usage_url(spent)).status_code == 404
    assert signed_in(rita).get("/costs/").status_code == 404
    assert "0.0186" not in signed_in(charlie).get("/costs/").content.decode()


def test_the_session_page_shows_the_receipt_without_a_call_to_storage(spent, bob, signed_in):
    page = f"/interviews/{spent.version.interview.key}/sessions/{spent.id}/"
    with forbidden_storage():
        text = signed_in(bob).get(page).content.decode()
    assert "S3 calls 7, audio 214 s, tokens 3,912, saved by cache 33 %, 0.0186 USD" in text
    assert text.count("<tfoot>") == 1


def test_the_session_page_says_why_an_engine_here_was_taken(spent, bob, signed_in, principal):
    recording = factories.make_recording(responses(spent)[0])
    passed = {"engine": "openai", "code": "budget_exceeded", "reason": "-"}
    Transcript.objects.create(
        recording=recording, engine="local_whisper", model="m", fallbacks=[passed]
    )
    AnalysisRun.objects.create(
        session=spent, provider="openai", model="m", failure_code="budget_exceeded"
    )
    found = costs.session_receipt(principal(bob), spent.version.interview.key, spent.id)
    assert (found.heard_locally, found.is_unrated_by_budget) == (1, True)
    page = f"/interviews/{spent.version.interview.key}/sessions/{spent.id}/"
    text = signed_in(bob).get(page).content.decode()
    assert "budget of this month is used up" in text
    assert "1 recording was heard by a local engine instead." in text
    assert "No language model was asked for ratings." in text


# --- the month -------------------------------------------------------------------------------


def month(session, **options):
    now = timezone.now()
    return month_costs(session.organization, month_at=now, now=now, **options)


def test_a_month_sums_what_its_sessions_cost(spent):
    found = month(spent)
    assert found.receipt.cost_usd == receipt_of(spent.id).cost_usd
    [row] = found.interviews
    assert (row.title, row.sessions, row.cost_usd) == (
        "Support engineer",
        1,
        Decimal("0.0186406"),
    )
    assert found.by_day[timezone.localdate()]["transcription"] == Decimal("0.01605")
    assert sum(found.by_month.values()) == Decimal("0.0186406")
    assert found.projection.usd == Decimal("18.6406")
    assert found.projection.without_savings_usd == Decimal("27.6406")
    [saved] = found.saved
    assert (saved.lever, saved.kind, saved.quantity, saved.usd) == (
        "cache",
        "audio_s",
        120,
        Decimal("0.009"),
    )


def test_a_month_of_one_interview_leaves_others_out(spent):
    assert month(spent, interview_key=spent.version.interview.key).receipt.entries == 9
    assert month(spent, interview_key="another").receipt.entries == 0


def test_other_months_and_organizations_are_not_in_it(spent):
    start, _ = budgets.month_of(timezone.now())
    UsageEntry.objects.filter(kind="tokens_in").update(at=start - timedelta(hours=1))
    UsageEntry.objects.filter(kind="tokens_out").update(
        organization=factories.make_organization("Rival")
    )
    kinds = {line.kind for line in month(spent).receipt.lines}
    assert kinds == {"storage_put", "storage_get", "storage_bytes_in", "audio_s"}


def test_what_is_kept_is_priced_by_its_class_against_the_standard_one(spent):
    factories.make_recording(responses(spent)[0], size_bytes=2**30, duration_ms=60_000)
    Recording.objects.update(storage_type="s3", storage_class="GLACIER_IR")
    kept = month(spent).kept
    assert (kept.month_usd, kept.standard_usd) == (Decimal("0.004"), Decimal("0.023"))
    assert kept.wav_bytes == 960_000
    assert kept.keeping is None  # nothing was made of it yet


def test_keeping_is_priced_by_the_rule_beside_the_usual_ones(spent, alice, signed_in):
    recording = factories.make_recording(responses(spent)[0])
    Recording.objects.update(storage_type="s3")
    Rendition.objects.create(
        recording=recording,
        kind="playback",
        object_key="org/a/rec/b/c",
        content_type="audio/ogg",
        size_bytes=132_000,
        sha256="0" * 64,
    )
    keeping = month(spent).kept.keeping
    assert keeping.objects == 1
    assert keeping.rule_usd < keeping.standard_usd < keeping.classic_usd
    assert "kept for 730 days" in signed_in(alice).get("/costs/").content.decode()
    told = signed_in(alice).get("/api/v1/usage").json()["kept"]["keeping"]
    assert Decimal(told["rule_usd"]) == keeping.rule_usd


def test_a_month_asks_as_much_for_many_rows_as_for_few(spent, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        month(spent)
    for _ in range(20):
        ledger.count("mail", provider="ses")
        ledger.record_usage(
            kind="audio_s",
            quantity=1,
            provider="openai",
            model="gpt-transcribe",
            organization_id=spent.organization_id,
        )
    with django_assert_num_queries(len(few)):
        month(spent)


def test_the_costs_page_shows_the_month(spent, alice, signed_in):
    client = signed_in(alice)
    with forbidden_storage():
        text = client.get("/costs/").content.decode()
    assert "Support engineer" in text
    assert "18.64 USD; without what was saved 27.64 USD" in text
    assert "asking the same engine the same again" in text
    assert text.count('class="chart"') == 2
    empty = client.get("/costs/?month=2020-01").content.decode()
    assert "Nothing was counted in this month" in empty
    assert client.get("/costs/?month=2020-13").status_code == 404
    assert client.get("/costs/?month=x").status_code == 404


def test_the_budget_warns_on_the_costs_page(spent, alice, signed_in):
    budgets.set_budget(
        organization=spent.organization, budget_usd=Decimal("0.02"), actor="member:1"
    )
    assert "Over 80 % of this month" in signed_in(alice).get("/costs/").content.decode()
    budgets.set_budget(
        organization=spent.organization, budget_usd=Decimal("0.01"), actor="member:1"
    )
    assert "budget is used up" in signed_in(alice).get("/costs/").content.decode()


def test_every_row_comes_as_csv_and_no_cell_is_a_formula(spent, alice, signed_in):
    ledger.record_usage(
        kind="tokens_in",
        quantity=1,
        provider="openai",
        model="=cmd()",
        organization_id=spent.organization_id,
    )
    response = signed_in(alice).get("/costs/usage.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 10
    assert sum(Decimal(row["cost_usd"] or 0) for row in rows) == Decimal("0.0186406")
    assert rows[-1]["model"] == "'=cmd()"


def test_the_month_is_told_by_rest(spent, alice, signed_in):
    client = signed_in(alice)
    answer = client.get("/api/v1/usage").json()
    assert answer["month"] == f"{timezone.localdate():%Y-%m}"
    assert Decimal(answer["sums"]["cost_usd"]) == Decimal("0.0186406")
    assert answer["saved"][0]["alternative"].startswith("asking the same engine")
    assert Decimal(answer["projection_per_1000_sessions"]["usd"]) == Decimal("18.6406")
    assert answer["budget"]["budget_usd"] is None
    key = spent.version.interview.key
    assert client.get(f"/api/v1/usage?interview={key}").json()["sums"]["entries"] == 9
    assert client.get("/api/v1/usage?interview=nothing").status_code == 404
    assert client.get("/api/v1/usage?month=2026-13").status_code == 400


def test_rows_are_told_by_rest_page_by_page(spent, alice, signed_in):
    client = signed_in(alice)
    page = client.get("/api/v1/usage/entries?page_size=4").json()
    found = [*page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        found += page["results"]
    assert len(found) == 9
    only = client.get(f"/api/v1/usage/entries?kind=audio_s&session={spent.id}").json()
    assert len(only["results"]) == 4
    assert client.get("/api/v1/usage/entries?kind=coffee").status_code == 400
