"""Nothing, for any recording."""

from datetime import timedelta
from uuid import UUID

from ops.pipeline import Effect, Report, stage


def nothing() -> None:
    """Also what the peers are given to do."""


@stage(scope="recording", weight=1, timeout=timedelta(seconds=30), consent=None)
def noop(subject_id: UUID, report: Report) -> Effect:  # noqa: ARG001 - what a stage is given
    return Effect(write=nothing)
