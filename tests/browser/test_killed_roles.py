"""Whoever is killed while somebody watches the board: it ends right, without a reload."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import expect

from analysis.demo import content
from analysis.demo.server import command, end, fresh_server, wait_until_up
from ops import processes
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
WITHIN_S = 120
READY = "Ready for review"


def until(look, what):
    give_up = time.monotonic() + WITHIN_S
    while time.monotonic() < give_up:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {WITHIN_S} s: {what}")


class Watched:
    """A server with a processed demo session, and ways to strike it and to ask for more work."""

    def __init__(self, server):
        self.server = server
        self.supervisor_pid = server.pid
        self.again = None  # the supervisor that took the first one's place
        self.session = until(self.ready_session, "the demo session is ready")
        key = server.manage("create_api_key", content.PEOPLE[0].email)
        self.headers = {"Authorization": f"Bearer {key.split()[-1]}"}

    def rows(self, query):
        path = self.server.data_dir / "candor.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
            return database.execute(query).fetchall()

    def ready_session(self):
        found = self.rows("SELECT id FROM interviews_session WHERE state = 'ready_for_review'")
        return found and found[0][0]

    def start_work(self):
        """Have the session analysed anew; return the run."""
        body = {"session_id": self.session, "force": True}
        url = f"{self.server.url}/api/v1/analysis"
        answer = httpx.post(url, json=body, headers=self.headers, timeout=20)
        assert answer.status_code == 202, answer.text
        return answer.json()["run_id"].replace("-", "")

    def await_end(self, run):
        ended = f"SELECT 1 FROM ops_run WHERE id = '{run}' AND state = 'completed'"  # noqa: S608
        until(lambda: self.rows(ended), f"run {run} is completed")
        return self.rows("SELECT outcome FROM ops_attempt WHERE outcome = 'dead'")

    # --- who is who -----------------------------------------------------------------------------
    def children(self, word):
        found = processes.children_of(self.supervisor_pid)
        return [facts.pid for facts in found if word in command_line(facts.pid)]

    def sentinels(self):
        return [child.pid for main in self.children("qcluster") for child in below(main)]

    def staff(self):
        """Workers, pushers and monitors of all queues."""
        return [child.pid for sentinel in self.sentinels() for child in below(sentinel)]

    def strike_supervisor(self):
        os.kill(self.supervisor_pid, signal.SIGKILL)
        os.waitpid(self.supervisor_pid, 0)
        until(lambda: not answers(self.server.url), "the web process ends with its supervisor")
        with (self.server.data_dir / "again.log").open("wb") as log:
            self.again = subprocess.Popen(
                command("serve"),
                env=self.server.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.supervisor_pid = self.again.pid
        wait_until_up(self.server, self.again)


def below(pid):
    return [facts for facts in processes.children_of(pid) if facts.state not in "ZX"]


def command_line(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - no file of ours
        return file.read().decode()


def answers(url):
    try:
        return httpx.get(f"{url}/health", timeout=2).is_success
    except httpx.TransportError:
        return False


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


STRIKES = {
    "a worker, a pusher and a monitor": lambda watched: kill(watched.staff()),
    "sentinels": lambda watched: kill(watched.sentinels()),
    "mains": lambda watched: kill(watched.children("qcluster")),
    "web": lambda watched: kill(watched.children("uvicorn")),
    "supervisor": lambda watched: watched.strike_supervisor(),
}


@pytest.fixture(scope="module")
def watched():
    with fresh_server(seed=("seed_demo",)) as server:
        found = Watched(server)
        yield found
        if found.again is not None:
            end(found.again)


@pytest.fixture
def board(browser, watched):
    visitor = Visitor(browser, watched.server.url)
    page = visitor.sign_in()
    page.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).click()
    expect(page.locator(".board-row").last).to_contain_text(READY)
    page.wait_for_load_state("load")
    page.loads = []
    page.on("load", lambda loaded: page.loads.append(loaded.url))
    yield page
    visitor.context.close()


def row_of(page):
    return page.locator(".board-row").last


def told(page):
    """What the row says, but for how long ago."""
    return re.sub(r"submitted .* ago", "", row_of(page).inner_text())


@pytest.mark.parametrize("victim", STRIKES)
def test_the_board_ends_right_without_a_reload_whoever_is_killed(browser, watched, board, victim):
    run = watched.start_work()
    expect(row_of(board).get_by_role("progressbar")).to_be_visible()  # it shows that work began
    STRIKES[victim](watched)
    assert watched.await_end(run) == []
    expect(row_of(board).get_by_role("progressbar")).to_be_hidden(timeout=60_000)

    other = Visitor(browser, watched.server.url)
    fresh = other.sign_in()
    fresh.goto(board.url)
    until(lambda: told(board) == told(fresh), "the open board says what a fresh one says")
    other.context.close()
    assert board.loads == []
