"""Works for a while, with a child process of its own, and leaves one row."""

import subprocess
import time
from datetime import timedelta

from ops.models import AuditEntry
from ops.pipeline import Effect, stage


def write(subject_id):
    AuditEntry.objects.create(
        actor="lab", action="slow_step", subject_kind="recording", subject_id=subject_id
    )


@stage(scope="recording", weight=10, timeout=timedelta(seconds=60), consent=None)
def slow_step(subject_id, report):
    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    with report.child(child):
        for step in range(20):
            time.sleep(report.options.get("step_s", 0.05))
            report.progress(step / 20)
        child.kill()
        child.wait()
    return Effect(lambda: write(subject_id), media_s=5.0)
