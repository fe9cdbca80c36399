"""How far a run is and how long it still takes: arithmetic over its pieces. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ops.pipeline import Stage

WITHOUT_WORK = ("skipped", "reused")  # outcomes whose weight the other pieces take over
ENDED = ("done", "dead", "cancelled")


@dataclass(frozen=True, slots=True)
class Piece:
    """One job, as far as progress is concerned."""

    stage: str
    subject_id: UUID
    state: str
    outcome: str
    progress: float
    media_s: float | None


@dataclass(frozen=True, slots=True)
class Rate:
    """Measured speed of a stage."""

    per_attempt_s: float
    per_media_s: float | None  # seconds of work per second of media
    spread_share: float | None  # half the interquartile range over the median; None: one sample


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left, in seconds; None where a stage was never measured."""

    estimated_completion_s: float | None
    estimated_error_s: float | None


NOT_MEASURED = Forecast(None, None)


class Shares:
    """A run's pieces, arranged by stage and recording."""

    def __init__(
        self, pieces: Iterable[Piece], stages: Sequence[Stage], expected_recordings: int
    ) -> None:
        self.pieces = {(p.stage, p.subject_id): p for p in pieces}
        self.recording_stages = [s for s in stages if s.scope == "recording"]
        self.session_stages = [s for s in stages if s.scope == "session"]
        names = {s.name for s in self.recording_stages}
        self.recordings = sorted({subject for stage, subject in self.pieces if stage in names})
        self.to_come = max(0, expected_recordings - len(self.recordings))
        self.by_session_stage = {p.stage: p for p in self.pieces.values() if p.stage not in names}

    def percent(self) -> float:
        """Return 0..100: the mean over the recordings, expected ones too, plus the session's."""
        count = len(self.recordings) + self.to_come
        done = total = 0.0
        for recording in self.recordings:
            for stage in self.recording_stages:
                piece = self.pieces.get((stage.name, recording))
                if piece is not None and piece.outcome in WITHOUT_WORK:
                    continue
                total += stage.weight / count
                done += stage.weight * (1 - self._left(stage, recording)) / count
        if count:
            total += sum(s.weight for s in self.recording_stages) * self.to_come / count
        for stage in self.session_stages:
            piece = self.by_session_stage.get(stage.name)
            if piece is not None and piece.outcome in WITHOUT_WORK:
                continue
            total += stage.weight
            done += stage.weight * (1 - _share_left(piece))
        return 100.0 * done / total if total else 100.0

    def current_stage(self) -> str:
        """Return the first stage, in order, that runs; else the first that waits; else ""."""
        for state in ("running", "waiting"):
            active = {p.stage for p in self.pieces.values() if p.state == state}
            for stage in (*self.recording_stages, *self.session_stages):
                if stage.name in active:
                    return stage.name
        return ""

    def forecast(self, rates: Mapping[str, Rate], workers: Mapping[str, int]) -> Forecast:
        """Return the time left, from measured `rates` and the `workers` of each queue."""
        work_s: dict[tuple[str, str], float] = {}
        error_s: float | None = 0.0
        for stage, left, media_s in self._work_left():
            rate = rates.get(stage.name)
            if rate is None:
                return NOT_MEASURED
            if rate.per_media_s is not None and media_s is not None:
                seconds = rate.per_media_s * media_s * left
            else:
                seconds = rate.per_attempt_s * left
            part = (stage.scope, stage.queue)
            work_s[part] = work_s.get(part, 0.0) + seconds
            if error_s is not None and rate.spread_share is not None:
                error_s += seconds * rate.spread_share
            else:
                error_s = None
        # Recordings share a queue's workers; what is of the session comes one after the other.
        abreast = len(self.recordings) + self.to_come
        total_s = sum(
            seconds / max(1, min(workers.get(queue, 1), abreast if scope == "recording" else 1))
            for (scope, queue), seconds in work_s.items()
        )
        return Forecast(round(total_s, 1), None if error_s is None else round(error_s, 1))

    def _work_left(self) -> Iterable[tuple[Stage, float, float | None]]:
        """Yield (stage, share left, seconds of media) for all that is not done."""
        sizes = {r: self._media_s(r) for r in self.recordings}
        known = [size for size in sizes.values() if size is not None]
        typical = sum(known) / len(known) if known else None
        for stage in self.recording_stages:
            for recording in self.recordings:
                if left := self._left(stage, recording):
                    yield stage, left, sizes[recording]
            for _ in range(self.to_come):
                yield stage, 1.0, typical
        for stage in self.session_stages:
            if left := _share_left(self.by_session_stage.get(stage.name)):
                yield stage, left, sum(known) if known else None

    def _media_s(self, recording: UUID) -> float | None:
        """Return the latest known length of a recording."""
        for stage in reversed(self.recording_stages):
            piece = self.pieces.get((stage.name, recording))
            if piece is not None and piece.media_s is not None:
                return piece.media_s
        return None

    def _left(self, stage: Stage, recording: UUID) -> float:
        """Return the share of a stage still to do; 0 also where it can never start."""
        piece = self.pieces.get((stage.name, recording))
        return 0.0 if piece is None and self._is_blocked(stage, recording) else _share_left(piece)

    def _is_blocked(self, stage: Stage, recording: UUID) -> bool:
        """Whether something before it ended without a result."""
        by_name = {s.name: s for s in self.recording_stages}
        for name in stage.after:
            piece = self.pieces.get((name, recording))
            if piece is None:
                if name in by_name and self._is_blocked(by_name[name], recording):
                    return True
            elif piece.state in ("dead", "cancelled"):
                return True
        return False


def _share_left(piece: Piece | None) -> float:
    if piece is None:
        return 1.0
    return 0.0 if piece.state in ENDED else 1.0 - piece.progress
