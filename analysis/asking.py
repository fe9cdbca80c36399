"""How a language model is asked to rate: known already, by a batch that may wait, or at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from analysis import engines, model_batches, prompts, spending
from analysis.engines.base import Answer, Request
from analysis.known import Replies
from analysis.model_batches import State, Waiting
from analysis.models import ModelBatch
from analysis.prompts import Prompt
from ops import breakers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a run says of how it wants its ratings."""

    run_id: UUID
    is_forced: bool = False  # anew, even if the same was answered before
    may_wait: bool = False  # by a batch, at half the price

    @property
    def has_begun(self) -> bool:
        """Whether this run has handed something in: what it made before stands."""
        return ModelBatch.objects.filter(run_id=self.run_id).exists()


def asking_of(run_id: UUID, options: Mapping[str, Any]) -> Asking:
    """Read a run's options."""
    return Asking(
        run_id=run_id,
        is_forced=bool(options.get("force")),
        may_wait=model_batches.is_wanted(options),
    )


def ask(asking: Asking, replies: Replies, prompt: Prompt, separate_bytes: list[int]) -> Answer:
    """Return what was answered to the same before, otherwise ask and keep what is good.

    Raises the engine's errors; model_batches.Pending while a batch has not ended.
    """
    replies = replies.of(prompt.part)
    waiting = Waiting(
        session_id=replies.payer.session_id,
        run_id=asking.run_id,
        provider=replies.engine.name,
        input_hash=replies.input_hash,
    )
    row = waiting.row()
    is_new = row is None or row.state != State.ANSWERED
    known = None if asking.is_forced and is_new else replies.find()
    if known is not None:
        return known
    with breakers.guard(replies.engine.dependency):
        row, reply = _answered(asking, waiting, replies, prompt)
    try:
        batch = spending.batch_of(prompt.size_bytes, separate_bytes)
        spending.count_reply(replies.payer, replies.engine.name, reply, batch)
        prompts.read_reply(reply.content(), prompt)
        replies.keep(reply)
    finally:
        if row is not None:
            model_batches.close(row)
    return reply


def _answered(
    asking: Asking, waiting: Waiting, replies: Replies, prompt: Prompt
) -> tuple[ModelBatch | None, Answer]:
    """Return the reply, with its row where it came by a batch."""
    engine = replies.engine
    request = Request(instructions=prompt.instructions, data=prompt.data, schema=prompt.schema)
    batches = engines.batches(engine) if asking.may_wait else None
    fetched = model_batches.fetch(batches, waiting, request) if batches else None
    if fetched is not None:
        return fetched
    reply = engine.answer(
        instructions=request.instructions, data=request.data, schema=request.schema
    )
    return None, reply
