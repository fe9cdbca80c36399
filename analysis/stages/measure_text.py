"""Describe how an answer was spoken: rate, pauses, fillers, readability, keywords."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from analysis import engines
from analysis.description import describe, save_metrics
from analysis.models import Transcript
from analysis.text_metrics import Speech
from interviews.models import Take
from ops.pipeline import Effect, Report, Skip, stage
from recordings.models import Recording

NO_VOICE_ACTIVITY = "voice activity was not measured"


@stage(
    scope="recording",
    after="transcribe",
    weight=5,
    timeout=timedelta(minutes=2),
    consent="recording",
)
def measure_text(recording_id: UUID, report: Report) -> Effect | Skip:
    """Measure the newest saved take of an answer; earlier takes are no answer any more."""
    recording = Recording.objects.select_related("take", "transcript").get(pk=recording_id)
    try:
        transcript = recording.transcript
    except Transcript.DoesNotExist:
        return Skip("The recording was not transcribed")
    report.check()
    reason = transcript.reasons.get("speech_ms", NO_VOICE_ACTIVITY)
    is_measured = transcript.speech_ms is not None
    pauses = [p["end_ms"] - p["start_ms"] for p in transcript.pauses] if is_measured else None
    fields = describe(
        transcript.text,
        transcript.language,
        Speech(transcript.speech_ms, pauses, "" if is_measured else reason),
        engines.embedder(),
    )
    return Effect(partial(_save_if_newest, recording.take, fields))


def _save_if_newest(take: Take, fields: dict[str, object]) -> None:
    # Asked inside the commit: a later take may have been saved while this one was measured.
    newer = Take.objects.filter(
        response_id=take.response_id, state=Take.State.SAVED, number__gt=take.number
    )
    if not newer.exists():
        save_metrics(response_id=take.response_id, fields=fields)
