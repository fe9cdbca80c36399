"""A live board's rows as the page shows them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from analysis.boards import Board, SessionRow
from analysis.clock import rough
from analysis.timeline import Timeline, timeline
from interviews.selectors.assignments import Panel

LOST = ("declined", "expired", "withdrawn", "erased")
FINISHED = ("ready_for_review", "decided", "archived")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One session on the board."""

    row: SessionRow
    timeline: Timeline | None
    shows_progress: bool
    elapsed: str  # "" before submission
    panel: Panel

    @property
    def is_early(self) -> bool:
        """Whether nobody need review it yet, or any more."""
        return self.row.state != "ready_for_review"

    @property
    def is_lost(self) -> bool:
        return self.row.state in LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The board at this moment."""

    board: Board
    rows: tuple[RowView, ...]


def board_page(board: Board, now: datetime) -> BoardPage:
    """Lay out a board."""
    return BoardPage(board=board, rows=tuple(row_view(row, now) for row in board.rows))


def row_view(row: SessionRow, now: datetime) -> RowView:
    # A board counts per stage; which question a recording belongs to is for the session's page.
    shown = timeline(row.run, {}) if row.run else None
    has_work = shown is not None and bool(shown.tracks)
    is_open = shown is not None and shown.is_open
    return RowView(
        row=row,
        timeline=shown,
        shows_progress=has_work and (row.state not in FINISHED or is_open),
        elapsed=elapsed(row, now),
        panel=Panel(assigned=row.reviews.assigned, done=row.reviews.submitted),
    )


def elapsed(row: SessionRow, now: datetime) -> str:
    """Return how long the latest run has taken since there was all of its work to do."""
    if row.submitted_at is None or row.run is None:
        return ""
    start = max(row.submitted_at, row.run.created_at)
    return rough(((row.run.finished_at or now) - start).total_seconds())
