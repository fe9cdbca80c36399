"""Sessions that several people have judged, built from rows alone."""

import numpy as np
from django.utils import timezone

from analysis.models import AnalysisRun, Rating, Scorecard, ScorecardRating
from interviews.models import Session
from tests import factories


def judge(session, user, level, **facts):
    """A submitted scorecard with that level for every competency; None: insufficient evidence."""
    facts = {"state": Scorecard.State.SUBMITTED, "submitted_at": timezone.now()} | facts
    card = Scorecard.objects.create(session=session, member=user.membership, **facts)
    pinned = session.version.questions.values_list("competencies__rubric", flat=True)
    ScorecardRating.objects.bulk_create(
        ScorecardRating(
            scorecard=card, rubric_id=rubric, level=level, is_insufficient=level is None
        )
        for rubric in set(pinned)
    )
    return card


def rate_by_machine(session, levels, provider="deterministic", **facts):
    """A machine's level for each answer in order."""
    run = AnalysisRun.objects.create(
        session=session,
        provider=provider,
        model="test",
        rubric_hash="2" * 64,
        input_hash="3" * 64,
        **facts,
    )
    responses = session.responses.order_by("question__order")
    for response, level in zip(responses, levels, strict=False):
        rubric = response.question.competencies.get().rubric
        Rating.objects.create(
            analysis=run,
            response=response,
            competency=rubric.competency,
            rubric=rubric,
            level=level,
            rationale="As the answer says.",
        )
    return run


def session_to_judge(interview, number):
    session = factories.make_session(interview, alias=f"Heron {number}")
    Session.objects.filter(pk=session.pk).update(
        state=Session.State.READY_FOR_REVIEW, submitted_at=timezone.now()
    )
    return session


def judged_sessions(interview, users, count, *, first=0, seed=3):
    """Sessions with a level by each of the users near a true one, and by a machine."""
    rng = np.random.default_rng(seed)
    sessions = []
    for number in range(first, first + count):
        session = session_to_judge(interview, number)
        truth = rng.integers(1, 6)
        for user in users:
            judge(session, user, int(np.clip(truth + rng.integers(-1, 2), 1, 5)))
        rate_by_machine(session, [int(truth)] * 2)
        sessions.append(session)
    return sessions
