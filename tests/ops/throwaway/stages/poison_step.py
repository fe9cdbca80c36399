"""Kills its worker, for the recordings that the run's options name."""

import os
import signal
from datetime import timedelta

from ops.models import AuditEntry
from ops.pipeline import Effect, stage


@stage(
    scope="recording",
    after="slow_step",
    weight=10,
    timeout=timedelta(seconds=60),
    queue="long",
    consent=None,
)
def poison_step(subject_id, report):
    if str(subject_id) in report.options.get("poison", []):
        os.kill(os.getpid(), signal.SIGKILL)
    return Effect(
        lambda: AuditEntry.objects.create(
            actor="lab", action="poison_step", subject_kind="recording", subject_id=subject_id
        )
    )
