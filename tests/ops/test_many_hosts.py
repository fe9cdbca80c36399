"""Several workers, as on several hosts, on one database: each job is done by one of them, once."""

import subprocess
import sys

import pytest

from tests.ops.plant import ROOT

HOSTS = 4
RUNS, RECORDINGS = 10, 10  # of two stages each, and one more per run: 210 jobs
WITHIN_S = 500
WORK = """
import sys
from ops import jobs, processes
from ops.models import Run
processes.HOST = sys.argv[-1]
while Run.objects.filter(state="open").exists():
    jobs.run_due()
"""


@pytest.mark.slow
@pytest.mark.timeout(WITHIN_S + 60)
def test_of_four_hosts_one_does_each_job_and_does_it_once(plant):
    plant.begin(RECORDINGS, runs=RUNS, step_s=0)
    command = [sys.executable, "-c", f"import django; django.setup()\n{WORK}"]
    workers = [
        subprocess.Popen([*command, f"host{number}"], cwd=ROOT, env=plant.environment)
        for number in range(HOSTS)
    ]
    try:
        assert [worker.wait(WITHIN_S) for worker in workers] == [0] * HOSTS
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    recordings = RUNS * RECORDINGS
    assert plant.effects() == [
        ("poison_step", recordings, recordings),
        ("slow_step", recordings, recordings),
        ("sum_up", RUNS, RUNS),
    ]
    assert plant.rows("select distinct state, token, attempts, crashes from ops_job") == [
        ("done", 1, 1, 0)
    ]
    assert plant.rows("select distinct outcome from ops_attempt") == [("completed",)]
    names = [worker for (worker,) in plant.rows("select worker from ops_attempt")]
    assert {name.split(":")[0] for name in names} == {f"host{n}" for n in range(HOSTS)}
    without_gap = "select max(seq) = count(*) from ops_event group by run_id"
    assert all(is_whole for (is_whole,) in plant.rows(without_gap))
