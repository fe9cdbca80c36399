"""A PostgreSQL and a Redis that are stopped for some seconds while everything runs."""

import time

import httpx
import pytest

from tests.databases import on_postgres
from tests.ops.plant import Plant
from tests.servers import Postgres, Redis, free_port, running

pytestmark = [on_postgres, pytest.mark.slow, pytest.mark.timeout(300)]
AWAY_S = 4
RECOVERS_WITHIN_S = 15
MAKE_KEY = """
from django.utils import timezone
from ops.services import create_api_key
from tests import factories
acme = factories.make_organization("Acme")
sam = factories.make_member(acme, "sam@acme.test", "owner", is_staff=True)
print(create_api_key(user=sam, name="health", scopes=["ops:manage"], now=timezone.now())[1])
"""


class OnServer:
    """A plant's database on a server that the test may stop."""

    def __init__(self, server, redis_url):
        self.server = server
        self.environment = {"DATABASE_URL": server.url, "REDIS_URL": redis_url}

    def rows(self, query):
        return self.server.run(query, database="candor")


@pytest.fixture
def postgres():
    with running(Postgres) as server:
        yield server


@pytest.fixture
def redis():
    with running(Redis) as server:
        yield server


@pytest.fixture
def site(tmp_path, postgres, redis):
    """A whole Candor, web and workers, on both; `url` leads to it."""
    plant = Plant(tmp_path, OnServer(postgres, redis.url))
    port = free_port()
    plant.url = f"http://127.0.0.1:{port}"
    plant.environment |= {
        "DATA_DIR": str(tmp_path),
        "BIND": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": plant.url,
    }
    plant.manage("migrate", "-v0")
    plant.manage("collectstatic", "--no-input", "-v0")
    yield plant
    plant.end()


def health(site, key=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        return httpx.get(f"{site.url}/api/health/workers", headers=headers, timeout=10)
    except httpx.TransportError:
        return None


def wait_until_healthy(site):
    site.wait_for(lambda: (answer := health(site)) and answer.status_code == 200, seconds=60)


def done(site):
    return site.one("select count(*) from ops_job where state = 'done'")


def test_four_seconds_without_the_database_cost_time_and_nothing_else(site, postgres):
    site.start("serve")
    wait_until_healthy(site)
    site.begin(6, step_s=0.1)
    site.wait_for(site.running)
    before = done(site)

    postgres.stop()
    stopped_at = time.monotonic()
    key = {"Authorization": "Bearer cnd_anybody"}
    program = httpx.get(f"{site.url}/api/v1/jobs", headers=key, timeout=20)
    page = httpx.get(f"{site.url}/", cookies={"sessionid": "a" * 32}, timeout=20)
    workers = health(site)
    time.sleep(max(0, AWAY_S - (time.monotonic() - stopped_at)))
    postgres.start()
    back_at = time.monotonic()

    assert (program.status_code, program.json()["code"]) == (503, "database_unavailable")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "One moment" in page.text
    assert (workers.status_code, workers.json()["status"]) == (503, "unhealthy")

    site.wait_for(lambda: done(site) > before, seconds=60)
    recovered_s = time.monotonic() - back_at
    site.wait_until_completed()
    assert recovered_s < RECOVERS_WITHIN_S
    assert site.effects() == [("poison_step", 6, 6), ("slow_step", 6, 6), ("sum_up", 1, 1)]
    # It was nobody's fault: no job spent an attempt or a life on it.
    assert site.rows("select distinct attempts, crashes from ops_job") == [(1, 0)]
    assert site.one("select count(*) from ops_attempt where ended_at is null") == 0
    assert site.stop() == 0
    site.wait_until_gone()


def test_without_redis_work_goes_on_and_the_health_page_says_so(site, redis):
    def connected():
        return health(site, key).json()["redis"]["connected"]

    key = site.manage("shell", "-v0", "-c", MAKE_KEY).stdout.strip()
    site.start("serve")
    wait_until_healthy(site)
    assert connected() is True
    redis.stop()
    site.begin(2, step_s=0.01)
    site.wait_until_completed()
    assert site.effects() == [("poison_step", 2, 2), ("slow_step", 2, 2), ("sum_up", 1, 1)]
    assert connected() is False
    redis.start()
    site.wait_for(connected, seconds=20)
    assert site.stop() == 0
    site.wait_until_gone()
