"""Real workers: killed in the middle of their work, drained, and gone without a trace."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops import processes, supervisor
from tests.ops.plant import ROOT


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_workers_killed_in_mid_stage_cost_nothing_but_time(plant):
    plant.begin(4, step_s=0.05, poisoned=1)
    plant.start()
    killed = 0
    for _ in range(2):
        victim = plant.wait_for(plant.running)[0]
        time.sleep(0.3)
        os.kill(victim, signal.SIGKILL)
        killed += 1
        plant.wait_for(lambda pid=victim: pid not in plant.running())
    plant.wait_until_completed()
    # Each effect exactly once; the poisoned recording's second step never came about.
    assert plant.effects() == [("poison_step", 3, 3), ("slow_step", 4, 4), ("sum_up", 1, 1)]
    poisoned = "select crashes from ops_job where state = 'dead'"
    assert plant.rows(poisoned) == [(3,)]
    assert plant.one("select count(*) from ops_attempt where ended_at is null") == 0
    assert plant.one("select count(*) from ops_attempt where outcome = 'lost'") >= 3 + 1
    attempts = "select count(*) from ops_attempt"
    assert plant.one(attempts) == plant.one("select sum(token) from ops_job")
    assert plant.stop() == 0
    plant.wait_until_gone()
    assert killed == 2


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_killed_supervisor_leaves_no_process_and_the_next_one_goes_on(plant):
    plant.begin(2, step_s=0.1)
    plant.start()
    plant.wait_for(plant.running)
    time.sleep(0.3)
    plant.stop(signal.SIGKILL)
    children = "sleep"  # a stage's child in a group of its own has only the next supervisor
    until = time.monotonic() + 5
    ours = [p for p in plant.processes() if not _is(p, children)]
    while ours and time.monotonic() < until:
        time.sleep(0.05)
        ours = [p for p in plant.processes() if not _is(p, children)]
    assert ours == []
    for pid in plant.processes():
        os.kill(pid, signal.SIGKILL)
    plant.start()
    plant.wait_until_completed()
    assert plant.effects() == [("poison_step", 2, 2), ("slow_step", 2, 2), ("sum_up", 1, 1)]
    assert plant.stop() == 0
    plant.wait_until_gone()


def _is(pid, name):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == name
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("role", ["sentinel_pid", "pusher_pid", "monitor_pid"])
def test_a_cluster_that_lost_a_part_is_started_again(plant, role):
    plant.start("worker", "--queues", "short")
    beat = f"select {role} from ops_workerheartbeat where status = 'Idle'"  # noqa: S608 - our own
    victim = plant.wait_for(lambda: plant.rows(beat))[0][0]
    plant.begin(1, step_s=0.01)
    os.kill(victim, signal.SIGKILL)
    done = "select count(*) from ops_auditentry where action = 'slow_step'"
    plant.wait_for(lambda: plant.one(done) == 1)
    assert plant.one("select crashes from ops_job where stage = 'slow_step'") == 0
    assert plant.stop() == 0
    plant.wait_until_gone()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_idle_workers_killed_at_the_queue_do_not_freeze_it(plant):
    plant.start("worker", "--queues", "short")
    beat = "select worker_pids from ops_workerheartbeat where status = 'Idle'"
    pids = json.loads(plant.wait_for(lambda: plant.rows(beat))[0][0])
    time.sleep(1)
    for pid in pids:  # one of them holds the lock of django-q2's queue
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    plant.begin(1, step_s=0.01)
    done = "select count(*) from ops_auditentry where action = 'slow_step'"
    plant.wait_for(lambda: plant.one(done) == 1, seconds=60)
    assert plant.stop() == 0
    plant.wait_until_gone()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_work_that_is_not_done_when_the_grace_ends_is_given_back_without_blame(plant):
    plant.environment["DRAIN_S"] = "1"
    plant.begin(1, step_s=1)
    plant.start()
    plant.wait_for(plant.running)
    assert plant.stop() == 0
    plant.wait_until_gone()
    job = plant.rows("select state, attempts, crashes, reason from ops_job")
    assert job == [("waiting", 0, 0, "interrupted")]
    assert plant.rows("select outcome from ops_attempt") == [("interrupted",)]


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_an_unknown_queue_is_named(plant):
    with pytest.raises(subprocess.CalledProcessError) as caught:
        plant.manage("worker", "--queues", "short,wrong")
    assert "No such queue: wrong. There are: short, long." in caught.value.stderr


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_a_busy_port_is_said_plainly(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": str(port)}
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        ended = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=50,
        )
    assert ended.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_free_address_is_accepted():
    supervisor.require_free_address("127.0.0.1", 0)


# --- who is alive -------------------------------------------------------------------------


def test_this_process_is_alive_under_its_own_name():
    assert processes.is_worker_alive(processes.worker_name(os.getpid()))


def test_another_process_with_the_same_number_is_not_taken_for_it():
    host, pid, ticks = processes.worker_name(os.getpid()).split(":")
    assert not processes.is_worker_alive(f"{host}:{pid}:{int(ticks) - 1}")


def test_a_process_that_ended_is_not_alive_even_before_it_is_reaped():
    child = subprocess.Popen(["sleep", "60"])
    name = processes.worker_name(child.pid)
    assert processes.is_worker_alive(name)
    child.kill()
    time.sleep(0.2)  # a zombie now
    assert not processes.is_worker_alive(name)
    child.wait()
    assert not processes.is_worker_alive(name)
