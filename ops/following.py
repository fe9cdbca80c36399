"""What one listener has been told: every event of the runs she follows, once and in order.

Messages of the channel layer are hints. One may be lost, early or doubled; what it should have
brought is then read from the rows.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ops import selectors
from ops.models import Event, Run
from ops.permissions import can_watch_board, visible_runs
from ops.principals import Principal
from ops.progress import Envelope, envelope
from ops.selectors import RunSnapshot

REPLAY_BATCH = 500
BOARD_RUNS = 200  # on one live board; the newest


class Following:
    """The last `seq` told of each run. Its methods that read rows belong in a thread."""

    def __init__(self, told: dict[UUID, int]) -> None:
        self.told = told

    def take(self, event: Envelope) -> list[Envelope]:
        """Return what is to be told on hearing of `event`: nothing, it, or it and all before it."""
        run_id, seq = UUID(event["run_id"]), event["seq"]
        last = self.told.get(run_id, 0)
        if seq <= last:
            return []
        if seq > last + 1:
            return self.catch_up(run_id)
        self.told[run_id] = seq
        return [event]

    def is_next(self, event: Envelope) -> bool:
        """Whether `take(event)` needs no rows."""
        return bool(event["seq"] <= self.told.get(UUID(event["run_id"]), 0) + 1)

    def catch_up(self, run_id: UUID) -> list[Envelope]:
        """Read what the run has beyond what was told."""
        last = self.told.get(run_id, 0)
        found = events_after(run_id, last)
        if found:
            self.told[run_id] = found[-1]["seq"]
        return found

    def catch_up_all(self) -> list[Envelope]:
        """Read what was missed of any run (one query when nothing was)."""
        counters = Run.objects.filter(pk__in=self.told).values_list("pk", "last_event_seq")
        behind = [run_id for run_id, seq in counters if seq > self.told[run_id]]
        return [event for run_id in behind for event in self.catch_up(run_id)]

    def rewind(self, run_id: UUID, after: int) -> list[Envelope]:
        """Tell again from `after` on: a client says that it knows the run up to there."""
        self.told[run_id] = min(after, self.told.get(run_id, 0))
        return self.catch_up(run_id)


def events_after(run_id: UUID, seq: int) -> list[Envelope]:
    """Return every event of the run after `seq`, in order."""
    found: list[Envelope] = []
    while True:
        rows = Event.objects.filter(run_id=run_id, seq__gt=seq).order_by("seq")[:REPLAY_BATCH]
        page = [envelope(event) for event in rows]
        found += page
        if len(page) < REPLAY_BATCH:
            return found
        seq = page[-1]["seq"]


def board_snapshots(principal: Principal, board: str) -> list[RunSnapshot]:
    """Return the newest run of every subject on the board that the principal may see."""
    if not can_watch_board(principal, board):
        return []
    on_board = visible_runs(principal).filter(board=board)
    newest = on_board.order_by("-created_at")[:BOARD_RUNS].values_list("subject_kind", "subject_id")
    by_kind: dict[str, list[UUID]] = {}
    for kind, subject_id in newest:
        by_kind.setdefault(kind, []).append(subject_id)
    return [
        snapshot
        for kind, ids in by_kind.items()
        for snapshot in selectors.latest_runs(kind, ids).values()
    ]


def visible_run_ids(principal: Principal, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these runs the principal may follow."""
    return set(visible_runs(principal).filter(pk__in=list(ids)).values_list("pk", flat=True))


def new_run_ids(principal: Principal, board: str, *, since: datetime) -> list[UUID]:
    """Return the board's runs that were opened after `since` and that the principal may see."""
    runs = visible_runs(principal).filter(board=board, created_at__gte=since)
    return list(runs.order_by("-created_at")[:BOARD_RUNS].values_list("pk", flat=True))
