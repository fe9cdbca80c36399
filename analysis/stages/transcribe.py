"""Speech to text, by the first engine that can and may."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from uuid import UUID

from analysis import engines, speech
from analysis.attempts import will_retry
from analysis.engines.base import Audio, Heard, Transcriber
from analysis.engines.fallback import Outcome, first_that_can
from analysis.models import Transcript
from interviews import selectors
from ops import breakers
from ops.failures import StageFailure
from ops.models import UsageEntry
from ops.pipeline import Effect, Report, Skip, stage
from recordings.models import Recording, Rendition
from recordings.storage import get_store

NO_ENGINE_MAY = (
    "Without consent to AI analysis the speech stays on this machine, and no local engine is "
    "available here"
)


@stage(
    scope="recording",
    after="prepare",
    weight=45,
    timeout=timedelta(minutes=25),
    queue="long",
    consent="recording",
)
def transcribe(recording_id: UUID, report: Report) -> Effect | Skip:
    """Hear the speech rendition; keep its words with their times."""
    recording = Recording.objects.select_related(
        "session", "take__response__question__version__interview"
    ).get(pk=recording_id)
    try:
        rendition = recording.renditions.get(kind=Rendition.Kind.SPEECH)
    except Rendition.DoesNotExist as error:
        raise StageFailure("media_missing", "no speech rendition") from error
    allowed, refused = _allowed(engines.transcribers(), recording)
    if refused and not any(e.availability().ok for e in allowed):
        return Skip(NO_ENGINE_MAY)
    locale = recording.take.response.question.version.interview.locale
    with get_store().local_path(rendition.object_key) as path:
        audio = Audio(path, rendition.duration_ms, locale[:2].lower() or None)
        outcome = first_that_can(
            allowed,
            partial(_hear, audio, report),
            will_retry=partial(will_retry, report, "transcribe", recording_id),
        )
    duration_ms = outcome.value.duration_ms or rendition.duration_ms
    return Effect(
        partial(save_transcript, recording, outcome, duration_ms),
        media_s=None if duration_ms is None else duration_ms / 1000,
    )


def _hear(audio: Audio, report: Report, engine: Transcriber) -> Heard:
    with breakers.guard(engine.dependency):
        return engine.transcribe(audio, report.progress)


def save_transcript(recording: Recording, outcome: Outcome[Heard], duration_ms: int | None) -> None:
    """Write what was heard, and what it took."""
    heard = outcome.value
    layout = speech.lay_out(heard)
    reason = speech.why_not_ratable(heard)
    state = Transcript.State.NOT_RATABLE if reason else Transcript.State.OK
    Transcript.objects.update_or_create(
        recording=recording,
        defaults={
            "engine": heard.engine,
            "model": heard.model,
            "language": heard.language,
            "text": layout.text,
            "segments": layout.segments,
            "pauses": [asdict(pause) for pause in heard.pauses or ()],
            "speech_ms": heard.speech_ms,
            "confidence": layout.confidence,
            "has_word_times": heard.has_word_times,
            "state": state,
            "reason": reason,
            "reasons": dict(heard.reasons),
            "fallbacks": [asdict(passed) for passed in outcome.passed],
        },
    )
    if duration_ms is not None:
        UsageEntry.objects.create(
            organization_id=recording.session.organization_id,
            subject_kind="recording",
            subject_id=recording.id,
            kind="audio_s",
            provider=heard.engine,
            quantity=duration_ms / 1000,
        )


def _allowed(
    found: Sequence[Transcriber], recording: Recording
) -> tuple[list[Transcriber], list[Transcriber]]:
    """Return (engines that may hear it, engines that may not): nothing leaves without consent."""
    may_leave = recording.session.ai_mode != "off" and "ai_analysis" in selectors.granted_scopes(
        recording.session_id
    )
    allowed = [e for e in found if may_leave or not e.sends_data_away]
    return allowed, [e for e in found if e not in allowed]
