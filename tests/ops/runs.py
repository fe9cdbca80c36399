"""Runs, jobs and events as rows, for tests of what reads them."""

from django.db import transaction
from django.utils import timezone

from ops.models import Job, Run
from ops.progress import record_event


def make_run(session, *, state=Run.State.OPEN, board=None):
    """A run about `session`, shown on its interview's board."""
    return Run.objects.create(
        organization_id=session.organization_id,
        subject_kind="session",
        subject_id=session.id,
        board=session.version.interview.key if board is None else board,
        state=state,
        expected_recordings=1,
    )


def make_job(run, *, stage="verify", state=Job.State.WAITING, **facts):
    return Job.objects.create(
        run=run,
        stage=stage,
        subject_kind="session",
        subject_id=run.subject_id,
        state=state,
        run_at=timezone.now(),
        **facts,
    )


def tell(run, *types, **payload):
    """Commit one event of each type."""
    for type_ in types:
        with transaction.atomic():
            record_event(run_id=run.id, type=type_, payload=payload)
