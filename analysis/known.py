"""What was heard or answered before on exactly the same input, for the same organization."""

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict
from hashlib import sha256
from typing import Any
from uuid import UUID

from analysis import spending
from analysis.caches import REPLIES, TRANSCRIPTS
from analysis.engines.base import (
    Answer,
    Audio,
    Heard,
    LanguageModel,
    Segment,
    Span,
    Transcriber,
    Word,
)
from analysis.evaluation import current_run
from analysis.material import SessionMaterial
from analysis.spending import Payer
from ops import caches
from ops.caches import About, Made
from recordings.models import Recording


def audio_key(
    payer: Payer, engine: Transcriber, audio: Audio, audio_sha256: str, consent: str
) -> str:
    """Return the key of what this engine hears in this audio, with that consent given."""
    return caches.key_of(
        TRANSCRIPTS,
        audio_sha256,
        engine.name,
        engine.model,
        audio.language,
        consent,
        organization_id=payer.organization_id,
    )


def words_of(payer: Payer, engine: Transcriber, key: str, duration_ms: int | None) -> Heard | None:
    """Return what was heard before, and count what that spares."""
    found = caches.get(TRANSCRIPTS, key)
    if found is None:
        return None
    spending.count_known_words(payer, engine, duration_ms)
    return _heard(found.value)


def keep_words(payer: Payer, engine: Transcriber, key: str, heard: Heard) -> None:
    """Keep what was heard, until its session is erased or it is too old."""
    made = Made(value=asdict(heard), cost_usd=spending.hearing_usd(engine, heard))
    caches.put(TRANSCRIPTS, key, made, about=_about(payer, f"{engine.name} {engine.model}"))


class Replies:
    """A model's reply on a session's material, if there was one."""

    def __init__(self, material: SessionMaterial, engine: LanguageModel, input_hash: str) -> None:
        self.engine = engine
        self.payer = Payer(organization_id=material.organization_id, session_id=material.session_id)
        self.input_hash = input_hash
        self.key = caches.key_of(
            REPLIES,
            engine.name,
            engine.model,
            input_hash,
            "ai_analysis",
            organization_id=material.organization_id,
        )

    def of(self, part: str) -> "Replies":
        """Return the replies on one part of the session, where it was too long for one prompt."""
        if not part:
            return self
        other = copy(self)
        other.input_hash = sha256(f"{self.input_hash} {part}".encode()).hexdigest()
        other.key = sha256(f"{self.key} {part}".encode()).hexdigest()
        return other

    def stand_already(self) -> bool:
        """Whether the ratings on this input are the session's current ones."""
        run = current_run(self.payer.session_id, self.engine.name, self.input_hash)
        if run is None:
            return False
        tokens = (run.tokens_in or 0) + (run.tokens_out or 0)
        caches.note_lookups(REPLIES, asked=1, hits=1, saved_tokens=tokens, saved_usd=run.cost_usd)
        self._count(run.model, run.tokens_in, run.tokens_out)
        return True

    def find(self) -> Answer | None:
        """Return the reply that was given before, and count what that spares."""
        found = caches.get(REPLIES, self.key)
        if found is None:
            return None
        reply = Answer(**found.value)
        self._count(reply.model, reply.tokens_in, reply.tokens_out)
        return reply

    def keep(self, reply: Answer) -> None:
        """Keep a reply that was found good."""
        made = Made(
            value=asdict(reply),
            tokens=(reply.tokens_in or 0) + (reply.tokens_out or 0),
            cost_usd=spending.cost_usd(self.engine.name, reply),
        )
        caches.put(
            REPLIES, self.key, made, about=_about(self.payer, f"{self.engine.name} {reply.model}")
        )

    def _count(self, model: str, tokens_in: int | None, tokens_out: int | None) -> None:
        spending.count_known_reply(self.payer, self.engine.name, model, tokens_in, tokens_out)


def payer_of(recording: Recording) -> Payer:
    """Return whose session a recording is of."""
    return Payer(organization_id=recording.session.organization_id, session_id=recording.session_id)


def forget_session(session_id: UUID) -> int:
    """Remove everything that is kept of a session; return how many entries."""
    return caches.forget_subject(subject_id=session_id)


def _about(payer: Payer, label: str) -> About:
    return About(organization_id=payer.organization_id, subject_id=payer.session_id, label=label)


def _heard(value: Mapping[str, Any]) -> Heard:
    """Build again what `asdict` took apart."""
    segments = tuple(
        Segment(**{**row, "words": tuple(Word(**word) for word in row["words"])})
        for row in value["segments"]
    )
    pauses = value["pauses"]
    spans = None if pauses is None else tuple(Span(**span) for span in pauses)
    return Heard(**{**value, "segments": segments, "pauses": spans})
