"""A workshop for the engine's tests: throwaway stages whose effects are counted.

Every effect is an AuditEntry: that table has no unique constraint, so a doubled effect shows.
"""

import uuid
from datetime import timedelta

import pytest

from ops import jobs, pipeline, rates, subjects
from ops.models import AuditEntry, Event, Job, Run
from ops.pipeline import Effect


class Lab:
    """Declares stages, opens runs and looks at what came out."""

    def __init__(self, organization):
        self.organization = organization
        self.session_id = uuid.uuid4()
        self.refused = set()  # (subject id, scope) without consent
        self.calls = []
        self.deaths = []

    # --- stages -------------------------------------------------------------------------
    def stage(self, name, *, scope="recording", after=(), behave=None, media_s=None, **facts):
        """Declare a stage that writes one ledger row; `behave(subject_id, report)` runs first."""

        def work(subject_id, report):
            self.calls.append((name, subject_id))
            result = behave(subject_id, report) if behave else None
            return result or Effect(lambda: write_ledger(name, subject_id), media_s=media_s)

        work.__name__ = name
        facts = {"weight": 10, "timeout": timedelta(seconds=60), "consent": None, **facts}
        pipeline.stage(scope=scope, after=after, on_dead=self._bury, **facts)(work)

    def _bury(self, subject_id, code):
        self.deaths.append((subject_id, code))

    def line(self, **behaviours):
        """prepare -> transcribe per recording; evaluate -> finalise per session."""
        self.stage("prepare", behave=behaviours.get("prepare"), media_s=10.0)
        self.stage("transcribe", after="prepare", behave=behaviours.get("transcribe"), queue="long")
        self.stage(
            "evaluate", scope="session", after="transcribe", behave=behaviours.get("evaluate")
        )
        self.stage("finalise", scope="session", after="evaluate", behave=behaviours.get("finalise"))

    # --- runs ---------------------------------------------------------------------------
    def open(self, recordings=0, **facts):
        """Return (run, recording ids) of a fresh run with that many recordings."""
        run = jobs.open_run(
            organization_id=self.organization.id,
            subject_kind="session",
            subject_id=self.session_id,
            board="board1",
            expected_recordings=recordings,
            **facts,
        )
        ids = [uuid.uuid4() for _ in range(recordings)]
        for recording in ids:
            jobs.add_recording(run_id=run.id, subject_id=recording)
        return run, ids

    def sealed(self, recordings=0):
        run, ids = self.open(recordings)
        jobs.seal(run_id=run.id, recordings=recordings)
        return run, ids

    def finished(self, recordings=1):
        run, ids = self.sealed(recordings)
        jobs.run_due()
        run.refresh_from_db()
        return run, ids


def write_ledger(stage, subject_id):
    AuditEntry.objects.create(actor="lab", action=stage, subject_kind="x", subject_id=subject_id)


def ledger(stage=None):
    """The stages whose effects were written, in order; or how often one was."""
    entries = AuditEntry.objects.filter(actor="lab").order_by("pk")
    names = list(entries.values_list("action", flat=True))
    return names if stage is None else names.count(stage)


def job_of(stage, subject_id=None, **facts):
    jobs_of_stage = Job.objects.filter(stage=stage, **facts)
    return jobs_of_stage.get(subject_id=subject_id) if subject_id else jobs_of_stage.get()


def events(run, type_=None):
    """[(type, payload)] of a run; checks that the numbers have no gap."""
    rows = list(Event.objects.filter(run=run).order_by("seq"))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    return [(row.type, row.payload) for row in rows if type_ in (None, row.type)]


def is_completed(run):
    return Run.objects.get(pk=run.pk).state == Run.State.COMPLETED


@pytest.fixture
def lab(acme, monkeypatch):
    """An empty register of stages, restored afterwards, and a workshop to fill it."""
    workshop = Lab(acme)
    monkeypatch.setattr(pipeline, "_stages", {})
    kinds = {
        kind: subjects.Subject(
            kind=kind,
            access=lambda *_: True,
            describe=lambda ids: {i: str(i) for i in ids},
            has_consent=lambda *asked: asked not in workshop.refused,
        )
        for kind in ("session", "recording")
    }
    monkeypatch.setattr(subjects, "_subjects", kinds)
    rates.forget()
    yield workshop
    rates.forget()
