"""Speech to text, by the first engine that can and may."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from analysis import engines, known, speech, spending
from analysis.attempts import will_retry
from analysis.engines.base import Audio, Heard, Transcriber
from analysis.engines.fallback import Outcome, first_that_can
from analysis.models import Transcript
from analysis.spending import Payer, budget_choice
from interviews import selectors
from ops import breakers
from ops.failures import StageFailure
from ops.pipeline import Effect, Report, Skip, stage
from recordings.models import Recording, Rendition
from recordings.originals import stored_rendition

NO_ENGINE_MAY = (
    "Without consent to AI analysis the speech stays on this machine, and no local engine is "
    "available here"
)
NOT_KEPT = "The recording is no longer kept; its words stay"
ANSWERED_IN_VAIN = "output_invalid"  # the model was given the recording, and its reply is useless


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
        if recording.is_ended:
            return Skip(NOT_KEPT)
        raise StageFailure("media_missing", "no speech rendition") from error
    consent = _consent(recording)
    allowed, refused = _allowed(engines.transcribers(), consent)
    if refused and not any(e.availability().ok for e in allowed):
        return Skip(NO_ENGINE_MAY)
    affordable, resting = budget_choice(allowed, recording.session.organization_id)
    locale = recording.take.response.question.version.interview.locale
    with stored_rendition(recording, rendition.object_key) as path:
        audio = Audio(path, rendition.duration_ms, locale[:2].lower() or None)
        task = _Task(known.payer_of(recording), audio, rendition.sha256, consent, report)
        outcome = first_that_can(
            affordable,
            task.hear,
            will_retry=partial(will_retry, report, "transcribe", recording_id),
            resting=resting,
        )
    duration_ms = outcome.value.duration_ms or rendition.duration_ms
    return Effect(
        partial(save_transcript, recording, outcome),
        media_s=None if duration_ms is None else duration_ms / 1000,
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """A recording to be heard."""

    payer: Payer
    audio: Audio
    sha256: str  # of the audio
    consent: str  # on which it is heard
    report: Report

    def hear(self, engine: Transcriber) -> Heard:
        """Return what this engine heard in the same audio before, or hears now."""
        payer, audio = self.payer, self.audio
        key = known.audio_key(payer, engine, audio, self.sha256, self.consent)
        if not self.report.options.get("force"):
            words = known.words_of(payer, engine, key, audio.duration_ms)
            if words is not None:
                return words
        try:
            with breakers.guard(engine.dependency):
                heard = engine.transcribe(audio, self.report.progress)
        except StageFailure as failure:
            if failure.code == ANSWERED_IN_VAIN:
                spending.count_failed_hearing(payer, engine, audio.duration_ms)
            raise
        spending.count_hearing(payer, engine, heard, audio.duration_ms)
        known.keep_words(payer, engine, key, heard)
        return heard


def save_transcript(recording: Recording, outcome: Outcome[Heard]) -> None:
    """Write what was heard."""
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


def _consent(recording: Recording) -> str:
    """Return the widest consent on which the recording may be heard."""
    has_it = "ai_analysis" in selectors.granted_scopes(recording.session_id)
    return "ai_analysis" if has_it and recording.session.ai_mode != "off" else "recording"


def _allowed(
    found: Sequence[Transcriber], consent: str
) -> tuple[list[Transcriber], list[Transcriber]]:
    """Return (engines that may hear it, engines that may not): nothing leaves without consent."""
    may_leave = consent == "ai_analysis"
    allowed = [e for e in found if may_leave or not e.sends_data_away]
    return allowed, [e for e in found if e not in allowed]
