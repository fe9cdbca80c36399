"""Lists of sessions, jobs and dead letters over 10^3 to 10^5 rows: the first page and a deep one.

Peer: the same page by OFFSET with a COUNT, as numbered pages do it. Goal: the median over the most
rows is at most 1.5 times that over the fewest. `--full` goes to 10^6.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import prepare

import statistics
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from django.db.models import F, QuerySet
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework.pagination import Cursor
from rest_framework.request import Request

from benchmarks.job_rows import add_dead, add_ended, timed_ms
from benchmarks.list_rows import MONTH_S, add_sessions
from interviews.models import Session
from ops.models import DeadLetter, Job, Organization, Run
from ops.paging import KeysetPagination, NumberedPagination
from tests import factories
from tests.analysis import rows

SIZES = (1_000, 10_000, 100_000)
FULL = (*SIZES, 1_000_000)
ROUNDS = 9
PAGE_ROWS = 50
GOAL_TIMES = 1.5


def deep(address: str, rows: QuerySet[Any], pages: KeysetPagination) -> str:
    """Return the address of the page that begins in the middle of the rows."""
    path, _, query = address.partition("?")
    request = RequestFactory(headers={"host": "localhost"}).get(path, parse_qs(query))
    pages.paginate_queryset(rows.none(), Request(request))  # its cursors are signed for one list
    column = pages.ordering[0].removeprefix("-")
    middle = rows.order_by(*pages.ordering)[rows.count() // 2]
    position = str(getattr(middle, column))
    return pages.encode_cursor(Cursor(offset=0, reverse=False, position=position))


def numbered(rows: QuerySet[Any]) -> list[Any]:
    """Return the page in the middle as Django's Paginator finds it."""
    start = rows.count() // 2
    return list(rows.order_by("-created_at", "-id")[start : start + PAGE_ROWS])


def lists(interview: Any) -> dict[str, tuple[str, QuerySet[Any] | None, KeysetPagination]]:
    """Return what is looked at: its address, and its rows where it pages by cursor, and how."""
    sessions = Session.objects.filter(version__interview=interview)
    organization = interview.organization
    jobs = Job.objects.filter(run__in=Run.objects.filter(organization=organization))
    dead = DeadLetter.objects.filter(state="open")
    by_time, by_number = KeysetPagination(), NumberedPagination()
    return {
        "sessions, REST": (reverse("api_sessions", args=[interview.key]), sessions, by_time),
        "sessions, board": (reverse("board", args=[interview.key]), None, by_time),
        "jobs, REST": (reverse("api_jobs"), jobs, by_number),
        "jobs that gave up, REST": (
            reverse("api_jobs") + "?state=dead",
            jobs.filter(state="dead"),
            by_number,
        ),
        "dead letters, admin": (reverse("admin:ops_deadletter_changelist"), None, by_time),
        "dead letters, REST": (reverse("api_dead_letters"), dead, by_time),
        "jobs, admin": (reverse("admin:ops_job_changelist"), None, by_time),
        "runs, admin": (reverse("admin:ops_run_changelist"), None, by_time),
    }


def median_ms(deed: Callable[[], object]) -> float:
    return statistics.median(timed_ms(deed) for _ in range(ROUNDS))


def main() -> None:
    prepare()
    organization, _ = Organization.objects.get_or_create(name="Bench")
    interview = factories.make_interview(organization)
    first, _, made = rows.ready_session(interview)
    user = factories.make_member(organization, "o@bench.test", "owner", is_staff=True)
    user.is_superuser = True
    user.save()
    client = Client(headers={"host": "localhost"})
    client.force_login(user)

    def look(address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.content[:300])

    medians: dict[str, list[float]] = {}
    present = 0
    for size in FULL if "--full" in sys.argv else SIZES:
        add_sessions(interview, first, size - present)
        add_ended(size - present, within_s=MONTH_S)
        add_dead(size - present)
        Run.objects.exclude(subject_id=F("id")).filter(created_at__gt=made.created_at).update(
            subject_id=F("id")  # the sessions are numbered as the runs are
        )
        present = size
        print(f"{size:,} sessions, as many dead letters, twice as many jobs")
        for name, (address, listed, by) in lists(interview).items():
            look(address)
            pages = {"first": address} | (
                {} if listed is None else {"deep": deep(address, listed, by)}
            )
            for which, page in pages.items():
                took_ms = median_ms(lambda page=page: look(page))
                medians.setdefault(f"{name}, {which} page", []).append(took_ms)
                print(f"  {name}, {which} page: p50 {took_ms:.1f} ms")
            if listed is not None:
                print(
                    f"    peer: {median_ms(lambda rows=listed: numbered(rows)):.1f} ms, rows alone"
                )
    for name, found in medians.items():
        times = found[-1] / found[0]
        verdict = "met" if times <= GOAL_TIMES else "MISSED"
        print(f"{name}: p50 grew {times:.2f}x over {found[0]:.0f} ms, goal {GOAL_TIMES}: {verdict}")


if __name__ == "__main__":
    main()
