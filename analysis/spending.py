"""What engines used and what was spared, said to the ledger. Engines only tell their usage."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from analysis.engines.base import Answer, Engine, Heard
from ops import ledger
from ops.budgets import is_over_budget
from ops.ledger import Saving

# What is billed at a lower price -> (why, what it would have been billed as)
CHEAPER = {
    "tokens_cached": ("prompt_cache", "tokens_in"),
    "batch_tokens_in": ("batch_api", "tokens_in"),
    "batch_tokens_cached": ("batch_api", "tokens_cached"),
    "batch_tokens_out": ("batch_api", "tokens_out"),
}
EngineT = TypeVar("EngineT", bound=Engine)
CLOUD = "openai"  # what a local engine is compared with: the hosted one of the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose session something is used for."""

    organization_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sponsor:
    """Who pays for what is used for no session, such as a question that a model writes."""

    organization_id: UUID
    session_id: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one call was in place of: `calls` calls that read `share` times as much."""

    calls: int
    share: float


def budget_choice(
    found: Sequence[EngineT], organization_id: UUID
) -> tuple[list[EngineT], list[EngineT]]:
    """Return (engines that may be asked, engines that rest because the budget is used up)."""
    resting: list[EngineT] = []
    if any(engine.sends_data_away for engine in found) and is_over_budget(organization_id):
        resting = [engine for engine in found if engine.sends_data_away]
    return [engine for engine in found if engine not in resting], resting


def batch_of(prompt_bytes: int, separate_bytes: Sequence[int]) -> Batch:
    """Return what one prompt spared against separate ones, by the size of their text."""
    return Batch(calls=len(separate_bytes), share=sum(separate_bytes) / prompt_bytes)


def count_hearing(payer: Payer, engine: Engine, heard: Heard, duration_ms: int | None) -> None:
    """Write down the seconds that a speech model was given, as soon as it has answered."""
    whole_ms = heard.duration_ms or duration_ms
    billed_ms = whole_ms if heard.billed_ms is None else heard.billed_ms
    if billed_ms is None or whole_ms is None:
        return  # nobody could measure it
    saving = None
    if not engine.sends_data_away:
        saving = _spared_in_the_cloud(whole_ms / 1000)
    elif billed_ms < whole_ms:
        spared_s = (whole_ms - billed_ms) / 1000
        saving = Saving(by="silence", quantity=spared_s, provider=engine.name, model=engine.model)
    _record(payer, "audio_s", billed_ms / 1000, engine.name, engine.model, saving)


def hearing_usd(engine: Engine, heard: Heard) -> Decimal | None:
    """Return what hearing it costs by the price table; None if nobody knows."""
    if heard.billed_ms is None:
        return None
    return ledger.cost_usd(
        kind="audio_s",
        quantity=heard.billed_ms / 1000,
        provider=engine.name,
        model=engine.model,
        at=timezone.now(),
    )


def count_failed_hearing(payer: Payer, engine: Engine, duration_ms: int | None) -> None:
    """Write down what a model was given whose reply was of no use: it is billed all the same."""
    if engine.sends_data_away and duration_ms is not None:
        _record(payer, "audio_s", duration_ms / 1000, engine.name, engine.model)


def count_known_words(payer: Payer, engine: Engine, duration_ms: int | None) -> None:
    """Write down that a recording was not heard again, because its words are known."""
    if duration_ms is None:
        return
    spared = _spared_in_the_cloud(duration_ms / 1000, by="cache")
    if engine.sends_data_away:
        spared = Saving(
            by="cache", quantity=duration_ms / 1000, provider=engine.name, model=engine.model
        )
    _record(payer, "audio_s", 0, engine.name, engine.model, spared)


def count_reply(
    payer: Payer | Sponsor, provider: str, reply: Answer, batch: Batch | None = None
) -> None:
    """Write down what a model's reply took: it is paid for, whatever becomes of it."""
    for kind, quantity in {"model_calls": 1, **_tokens(reply)}.items():
        saving = None
        if kind in CHEAPER:
            by, alternative = CHEAPER[kind]
            saving = Saving(
                by=by,
                quantity=quantity,
                provider=provider,
                model=reply.model,
                kind=alternative,
                is_instead=True,
            )
        _record(payer, kind, quantity, provider, reply.model, saving)
    if batch is not None and batch.calls > 1:
        _count_spared_calls(payer, provider, reply, batch)


def _count_spared_calls(payer: Payer | Sponsor, provider: str, reply: Answer, batch: Batch) -> None:
    """Write down the calls that one call was in place of, and what they would have read."""
    read = "batch_tokens_in" if reply.is_batched else "tokens_in"
    more = round((reply.tokens_in or 0) * (batch.share - 1))
    for kind, quantity in {"model_calls": batch.calls - 1, read: more}.items():
        saving = Saving(by="batching", quantity=quantity, provider=provider, model=reply.model)
        _record(payer, kind, 0, provider, reply.model, saving)


def cost_usd(provider: str, reply: Answer) -> Decimal | None:
    """Return what a reply costs by the price table; None if it, or its size, is not known."""
    costs = [
        ledger.cost_usd(
            kind=kind, quantity=quantity, provider=provider, model=reply.model, at=timezone.now()
        )
        for kind, quantity in _tokens(reply).items()
    ]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(costs) else None


def count_known_reply(
    payer: Payer | Sponsor, provider: str, model: str, tokens_in: int | None, tokens_out: int | None
) -> None:
    """Write down that a model was not asked again, because its answer to the same is known."""
    known = {"model_calls": 1, "tokens_in": tokens_in, "tokens_out": tokens_out}
    # Nobody bills it, so it may wait for the open bill: a hit stays one insert.
    with ledger.charged_to(
        organization_id=payer.organization_id,
        subject_kind="session" if payer.session_id else "",
        subject_id=payer.session_id,
    ):
        for kind, quantity in known.items():
            if quantity:
                saving = Saving(by="cache", quantity=quantity, provider=provider, model=model)
                ledger.count(kind, 0, provider=provider, model=model, saving=saving)


def _tokens(reply: Answer) -> dict[str, int]:
    """Return the tokens as they are billed: cheaper what was read before, and what could wait."""
    cached = min(reply.tokens_cached or 0, reply.tokens_in or 0)
    billed = {
        "tokens_in": None if reply.tokens_in is None else reply.tokens_in - cached,
        "tokens_cached": cached or None,
        "tokens_out": reply.tokens_out,
    }
    price = "batch_" if reply.is_batched else ""
    return {price + kind: quantity for kind, quantity in billed.items() if quantity is not None}


def _spared_in_the_cloud(seconds: float, by: str = "local") -> Saving:
    model = str(settings.OPENAI_TRANSCRIBE_MODEL)
    return Saving(by=by, quantity=seconds, provider=CLOUD, model=model)


def _record(  # noqa: PLR0913, PLR0917 - a line of the ledger
    payer: Payer | Sponsor,
    kind: str,
    quantity: float,
    provider: str,
    model: str,
    saving: Saving | None = None,
) -> None:
    ledger.record_usage(
        kind=kind,
        quantity=quantity,
        provider=provider,
        model=model,
        organization_id=payer.organization_id,
        subject_kind="session" if payer.session_id else "",
        subject_id=payer.session_id,
        saving=saving,
    )
