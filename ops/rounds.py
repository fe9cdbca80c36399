"""Runs the periodic work that is due; of any number of hosts one gets each turn."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from ops import ledger, schedule
from ops.alert_outage import OutageWatch
from ops.models import PeriodicTurn
from ops.problems import new_reference

logger = logging.getLogger(__name__)
LOOK_S = 10.0  # how often the supervisor looks whether something is due


def run_due(now: datetime, works: Iterable[schedule.Periodic] | None = None) -> list[str]:
    """Run what is due at `now`; return the names of what ran to its end.

    What fails is logged with a reference and is due again at its next turn.
    """
    due = schedule.registered() if works is None else works
    return [each.name for each in due if take_turn(each, now) and carry_out(each, now)]


def take_turn(each: schedule.Periodic, now: datetime) -> bool:
    """Whether this caller, and no other, may run it now."""
    PeriodicTurn.objects.get_or_create(name=each.name, defaults={"due_at": now})
    # The database decides: of two conditional updates at once one finds the row no longer due.
    taken = PeriodicTurn.objects.filter(name=each.name, due_at__lte=now).update(
        due_at=now + each.every, started_at=now, finished_at=None, support_reference=""
    )
    return taken == 1


def carry_out(each: schedule.Periodic, now: datetime) -> bool:
    """Run one piece of work; whether it came to its end is written down."""
    turn = PeriodicTurn.objects.filter(name=each.name, started_at=now)
    try:
        with ledger.opened_bill():
            each.work(now)
    except Exception:  # one piece's fault must not keep the others from their turn
        reference = new_reference()
        logger.exception(
            "Periodic work %s failed (%s)",
            each.name,
            reference,
            extra={"support_reference": reference},
        )
        turn.update(support_reference=reference)
        return False
    turn.update(finished_at=timezone.now())
    return True


class Rounds:
    """A thread of the supervisor that looks every few seconds what is due."""

    def __init__(self, run: Callable[[datetime], object] = run_due) -> None:
        self._run = run
        self._outage = OutageWatch()
        self._stopping = threading.Event()
        # A daemon: work that hangs must not keep the supervisor from ending.
        self._thread = threading.Thread(target=self._loop, name="rounds", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Start nothing more, and wait for what runs, but not for ever."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def _loop(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                self._run(timezone.now())
            except (DatabaseError, InterfaceError):
                logger.exception("Periodic work cannot reach the database")
                self._outage.failed(timezone.now())
            else:
                self._outage.answered(timezone.now())
            finally:
                connections.close_all()
