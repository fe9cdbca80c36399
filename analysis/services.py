"""Start the analysis of a session again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.http import Http404

from analysis.permissions import refuse_reviewers
from analysis.states import PROCESSABLE
from interviews.models import Session
from ops import jobs, pipeline
from ops.conflicts import StateConflict
from ops.models import Run
from ops.principals import Principal
from ops.runs import turn_options
from ops.turns import refuse_late
from recordings.models import Recording

VIDEO = "measure_video"
GONE = (Recording.State.REFUSED, Recording.State.DELETED)


def start_analysis(  # noqa: PLR0913 - the fields of BatchProcessRequest
    *,
    principal: Principal,
    session: Session,
    transcribe: bool = True,
    analyze: bool = True,
    measure_video: bool = False,
    force: bool = False,
    may_wait: bool = False,
    recording_ids: Collection[UUID] | None = None,
    priority: str = "normal",
    not_before: datetime | None = None,
    now: datetime,
) -> Run:
    """Return the session's open run, else a new one in which what is missing or failed is done.

    With `force` the asked stages are done again although their results exist. Nothing is computed
    here: the answer takes a few statements, whatever the number of recordings.

    Raises:
        PermissionDenied: she only reviews.
        Http404: a recording is not of this session.
        StateConflict: the session still takes answers, nothing was asked for, or the start is
            too far ahead.
    """
    refuse_reviewers(principal)
    asked = {"transcribe": transcribe, "evaluate": analyze, VIDEO: measure_video}
    refuse_impossible(session, asked)
    refuse_late(not_before, now=now)
    chosen = usable_recordings(session, recording_ids)
    if not (transcribe or measure_video):
        chosen = []
    return jobs.rerun(
        organization_id=session.organization_id,
        subject_kind="session",
        subject_id=session.pk,
        board=session.version.interview.key,
        recordings=[(row.pk, seconds_of(row)) for row in chosen],
        redo=frozenset(name for name in asked if asked[name]) if force else frozenset(),
        options={
            "transcribe": transcribe,
            "analyze": analyze,
            "measure_video": measure_video,
            "force": force,
            "may_wait": may_wait,
            **turn_options(priority=priority, not_before=not_before),
            "asked_by": principal.key,
            "asked_at": now.isoformat(),
        },
    )


def seconds_of(recording: Recording) -> float | None:
    """Return how long it is, None if nobody measured it."""
    return None if recording.duration_ms is None else recording.duration_ms / 1000


def refuse_impossible(session: Session, asked: Mapping[str, bool]) -> None:
    """Check the asked stages against the session's state and what is installed.

    Raises: StateConflict
    """
    if session.state not in PROCESSABLE:
        raise StateConflict(
            "session_not_submitted", "This session can be processed once it has been submitted."
        )
    if not any(asked.values()):
        raise StateConflict("nothing_to_do", "Ask for transcription, analysis or video measuring.")
    if asked[VIDEO] and VIDEO not in {stage.name for stage in pipeline.in_order()}:
        raise StateConflict("video_not_measured", "This installation does not measure video.")


def usable_recordings(
    session: Session, recording_ids: Collection[UUID] | None
) -> Sequence[Recording]:
    """Return the session's recordings that can be processed, or the chosen ones of them.

    Raises: Http404
    """
    recordings = Recording.objects.filter(session=session).order_by("created_at")
    if recording_ids is not None:
        wanted = set(recording_ids)
        recordings = recordings.filter(pk__in=wanted)
        if recordings.count() != len(wanted):
            raise Http404
    return list(recordings.exclude(state__in=GONE).only("id", "duration_ms"))
