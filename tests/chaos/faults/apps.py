"""Puts every stage under watch once all of them are registered."""

import os
from dataclasses import replace
from functools import wraps

from django.apps import AppConfig

from ops import pipeline
from ops.pipeline import Effect
from tests.chaos.faults import plan

LEDGER = "chaos.effect"


class FaultsConfig(AppConfig):
    name = "tests.chaos.faults"
    label = "faults"

    def ready(self):
        if os.environ.get("CHAOS_OBSERVER"):  # the harness itself sees the true time
            return
        for stage in pipeline.registered():
            pipeline._stages[stage.name] = replace(stage, work=watched(stage))
        plan.let_the_clock_jump()


def watched(stage):
    """Return the stage's work: counted, struck by its faults, its effect written in a ledger."""

    @wraps(stage.work)
    def work(subject_id, report):
        plan.note_call(stage.name, subject_id)
        plan.strike(stage.name, subject_id)
        result = stage.work(subject_id, report)
        if not isinstance(result, Effect):
            return result

        def write():
            result.write()
            enter(stage.name, subject_id, report.generation)

        return replace(result, write=write)

    return work


def enter(stage, subject_id, generation):
    """Write a row for an effect; the table has no unique constraint, so a doubled one shows."""
    from ops.models import AuditEntry  # noqa: PLC0415 - needs the registry

    AuditEntry.objects.create(
        actor="chaos",
        action=LEDGER,
        subject_kind=stage,
        subject_id=str(subject_id),
        detail={"generation": generation},
    )
