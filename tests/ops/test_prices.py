"""What things cost: rows by provider, model, kind and day."""

from datetime import date
from decimal import Decimal

import pytest

from ops.prices import BUILT_IN, KINDS, TOKEN_KINDS, price_table

TODAY = date(2026, 11, 23)


def of(provider, kind, model="", on=TODAY, changes=()):
    price = price_table(changes).price(provider=provider, kind=kind, model=model, on=on)
    return None if price is None else price.unit_usd


def test_a_minute_of_speech_costs_what_the_list_says():
    assert of("openai", "audio_s", "gpt-transcribe") * 60 == Decimal("0.0045")
    assert of("local_whisper", "audio_s", "whisper-base") == 0


def test_a_snapshot_of_a_model_costs_what_the_model_costs():
    assert of("openai", "tokens_in", "gpt-5-mini-2025-08-07") * 10**6 == Decimal("0.25")


def test_the_batch_price_is_half_for_every_model():
    for row in BUILT_IN:
        if row.kind in TOKEN_KINDS and row.provider == "openai" and "batch" not in row.kind:
            assert of("openai", f"batch_{row.kind}", row.model) * 2 == row.unit_usd


def test_what_nobody_knows_has_no_price():
    assert of("openai", "tokens_in", "a-model-of-tomorrow") is None
    assert of("smtp", "mail") is None


def test_every_storage_call_has_a_price_in_both_stores_and_any_class():
    for kind in KINDS:
        if kind.startswith("storage_"):
            assert of("local", kind) == 0
            assert of("s3", kind) is not None
            assert of("s3", kind, "A_NEW_CLASS") is not None
    assert of("s3", "storage_get", "GLACIER_IR") > of("s3", "storage_get", "STANDARD")


def test_a_setting_adds_a_row_and_replaces_one():
    row = {"provider": "smtp", "kind": "mail", "usd": "0.5", "per": 1000, "on": "2026-01-01"}
    assert of("smtp", "mail", changes=[row]) == Decimal("0.0005")
    dearer = {"provider": "openai", "model": "gpt-5-mini", "kind": "tokens_in", "usd": "1"}
    dearer |= {"per": 10**6, "on": "2026-11-23"}
    assert of("openai", "tokens_in", "gpt-5-mini", changes=[dearer]) * 10**6 == 1


def test_a_price_holds_from_its_day_on():
    row = {"provider": "openai", "model": "gpt-5-mini", "kind": "tokens_in", "usd": "0.5"}
    row |= {"per": 10**6, "on": "2027-01-01"}
    find = {"model": "gpt-5-mini", "changes": [row]}
    assert of("openai", "tokens_in", on=date(2026, 12, 31), **find) * 10**6 == Decimal("0.25")
    assert of("openai", "tokens_in", on=date(2027, 1, 1), **find) * 10**6 == Decimal("0.5")
    assert of("openai", "tokens_in", on=date(2020, 1, 1), **find) * 10**6 == Decimal("0.25")


GOOD = {"provider": "smtp", "kind": "mail", "usd": "1", "on": "2026-01-01"}


@pytest.mark.parametrize(
    "bad",
    [
        "smtp",
        {**GOOD, "usd": "cheap"},
        {**GOOD, "usd": "-1"},
        {**GOOD, "usd": "NaN"},
        {**GOOD, "per": 0},
        {**GOOD, "on": "soon"},
        {**GOOD, "prise": 1},
        {"provider": "smtp", "kind": "mail", "usd": "1"},
    ],
)
def test_a_row_that_is_none_is_named(bad):
    with pytest.raises(ValueError, match=r"PRICES|isoformat"):
        price_table([bad])


def test_every_row_says_where_and_when_it_was_read():
    assert all(row.source and row.on <= TODAY and row.usd >= 0 for row in price_table())
