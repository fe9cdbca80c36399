"""The pages of a session and what they look like, for tests of what people see."""

import pytest

from analysis.models import Transcript
from ops import rates
from ops.models import Run
from tests import factories
from tests.analysis import rows


def page_of(session, tail=""):
    return f"/interviews/{session.version.interview.key}/sessions/{session.pk}/{tail}"


def board_of(interview, tail=""):
    return f"/interviews/{interview.key}/{tail}"


@pytest.fixture
def look(alice, signed_in):
    """look(url) -> the page's HTML, white space made single, as alice sees it."""
    client = signed_in(alice)

    def get(url, **query):
        answer = client.get(url, query)
        assert answer.status_code == 200
        return squeezed(answer)

    return get


def squeezed(answer):
    return " ".join(answer.content.decode().split())


def with_run(session, recordings, **facts):
    """The session with a run of these facts as its only one."""
    Run.objects.all().delete()
    return rows.add_run(session, recordings, **facts)


@pytest.fixture
def five(acme):
    """(session, its five recordings), processed and rated."""
    interview = factories.make_interview(acme, questions=rows.TWENTY[:5])
    session, recordings, _ = rows.ready_session(interview)
    return session, recordings


def lose(session, recordings, lost, code="network_timeout"):
    """Let the transcription of `lost` be dead after one attempt."""
    Transcript.objects.filter(recording__in=lost).delete()
    dead = {("transcribe", row.pk): rows.DEAD | {"failure_code": code} for row in lost}
    run = with_run(session, recordings, jobs=dead)
    for row in lost:
        rows.fail_attempt(run, "transcribe", row.pk, code)
    return run


@pytest.fixture
def queries_of(alice, signed_in, django_assert_max_num_queries):
    """queries_of(url) -> how many a page takes once the process is warm."""
    rates.forget()
    client = signed_in(alice)

    def count(url):
        assert client.get(url).status_code == 200
        with django_assert_max_num_queries(30) as seen:
            client.get(url)
        return len(seen)

    return count
