"""A processed session whose answers are spoken, 144 words each, and who reads it."""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks import harness

import time
from collections.abc import Callable

from interviews.models import Interview, Session
from ops.models import User
from tests import factories
from tests.analysis import rows

RECORDINGS = 20
TEXT = " ".join([rows.SPOKEN] * 8)


def prepare() -> tuple[User, Interview]:
    """Make the database, a member and her interview of twenty questions."""
    harness.prepare()
    return make_interview()


def make_interview() -> tuple[User, Interview]:
    """Make a member and her interview."""
    organization = factories.make_organization()
    interview = factories.make_interview(organization, questions=rows.TWENTY)
    return factories.make_member(organization, "m@example.org", "interviewer"), interview


def make_session(interview: Interview, recordings: int = RECORDINGS) -> Session:
    """Make a session that ends well, with so many recordings."""
    alias = f"Heron {recordings}"
    session, made, _ = rows.ready_session(interview, answers=recordings, alias=alias, text=TEXT)
    assert len(made) == recordings
    return session  # type: ignore[no-any-return] # tests have no types


def cpu_s(deed: Callable[[], object], times: int) -> float:
    """Return the CPU seconds of a deed, on the average of so many."""
    started = time.process_time()
    for _ in range(times):
        deed()
    return (time.process_time() - started) / times
