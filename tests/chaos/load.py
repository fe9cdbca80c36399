"""Sessions as candidates hand them in: real recordings by the real way, some of them broken."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from analysis.demo import candidate, content, design
from interviews.services import invite_candidate, record_consents, start_session, submit_session
from ops.models import Job, Run
from tests.chaos.faults import plan

SPEECH = sorted((Path(__file__).parents[1] / "samples").glob("librivox-*.ogg"))
RECORDINGS = 2  # per session: 2 x 4 stages + 2 of the session = 10 jobs
BROKEN = b"OggS" + bytes(range(256)) * 8
# kind -> (stage, how many recordings of every hundred jobs, how often it strikes)
FAULTS = {
    "poison": ("prepare", 1, 1000),
    "disk_full": ("prepare", 2, 2),
    "flaky": ("measure_text", 4, 2),
    "zombie": ("prepare", 1, 1),
}
BROKEN_PER_HUNDRED = 2


@dataclass(frozen=True)
class Load:
    """What was handed in, and what must come of it."""

    sessions: int
    recordings: list
    broken: frozenset
    faults: dict = field(default_factory=dict)

    def struck_by(self, kind):
        keys = (key for key, fault in self.faults.items() if fault["kind"] == kind)
        return {key.partition(":")[2] for key in keys}


def hand_in(sessions, rng):
    """Hand in `sessions`; return the Load, with its faults planned."""
    now = timezone.now()
    organization = design.create_people()
    questions = content.BARE_QUESTIONS[:RECORDINGS]
    interview = design.create_interview(
        organization=organization, title="Chaos", questions=questions, now=now, introduction=""
    )
    share = sessions * (4 * RECORDINGS + 2) / 100
    count = {kind: max(1, round(share * each)) for kind, (_, each, _) in FAULTS.items()}
    broken_count = max(1, round(share * BROKEN_PER_HUNDRED))
    places = rng.sample(range(sessions * RECORDINGS), broken_count + sum(count.values()))
    broken_places = set(places[:broken_count])
    folder = plan.folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.ogg").write_bytes(BROKEN)
    for number in range(sessions):
        files = [
            folder / "broken.ogg" if place in broken_places else rng.choice(SPEECH)
            for place in range(number * RECORDINGS, (number + 1) * RECORDINGS)
        ]
        answer(interview, number, files)
    recordings = recordings_in_order()
    left = iter(places[broken_count:])
    faults = {
        f"{stage}:{recordings[next(left)]}": {"kind": kind, "times": times}
        for kind, (stage, _, times) in FAULTS.items()
        for _ in range(count[kind])
    }
    plan.write(faults)
    return Load(
        sessions=sessions,
        recordings=recordings,
        broken=frozenset(recordings[place] for place in broken_places),
        faults=faults,
    )


def answer(interview, number, files):
    now = timezone.now()
    invitation, _ = invite_candidate(
        interview=interview,
        name=f"Candidate {number}",
        email=f"candidate-{number}@chaos.test",
        expires_at=now + timedelta(days=1),
        now=now,
    )
    session = start_session(invitation=invitation, now=now)
    record_consents(session=session, granted={"recording": True, "ai_analysis": True}, now=now)
    responses = session.responses.order_by("question__order")
    for response, file in zip(responses, files, strict=True):
        candidate.send_recording(response, file, now=now)
    submit_session(session=session, now=now)


def recordings_in_order():
    jobs = Job.objects.filter(stage="verify").order_by("pk")
    return [str(each) for each in jobs.values_list("subject_id", flat=True)]


def is_at_rest():
    return not Run.objects.filter(state="open").exists()


def rng_of(seed):
    return random.Random(seed)
