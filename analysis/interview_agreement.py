"""How far an interview's reviewers, and machines, judge alike: seven queries for any size.

What counts is the first scorecard that somebody submitted without having seen another rating: who
amends hers has seen the others', and so has who began when there was something to see.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from analysis import agreement
from analysis.agreement import Estimate, Numbers, Panel, Reliability
from analysis.models import Rating, Scorecard, ScorecardRating
from analysis.reviews import JUDGED, blind_sessions
from analysis.states import REVIEWABLE
from interviews.models import Interview, QuestionCompetency, Session
from interviews.permissions import access_design
from ops.colleagues import colleague_id
from ops.principals import Principal

COUNTED = (*REVIEWABLE, *JUDGED)  # what was withdrawn or erased says nothing any more
TARGET = 0.7  # the reliability that "enough" reviewers' mean reaches

Cell = tuple[UUID, UUID]  # session, competency


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyAgreement:
    """How far reviewers agree on one competency."""

    competency_id: UUID
    competency: str
    alpha: Estimate
    reliability: Reliability
    enough: Panel | None  # None: the reliability is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerSeverity:
    """By how much somebody's levels lie above the others' on the same sessions."""

    member_id: UUID
    reviewer: str
    is_me: bool
    severity: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAgreement:
    """How far one machine rater agrees with the reviewers' mean on one competency."""

    provider: str
    competency_id: UUID
    competency: str
    kappa: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewAgreement:
    """Everything about agreement in one interview."""

    interview_key: str
    interview_title: str
    min_pairs: int
    min_sessions: int
    session_count: int  # with a scorecard that counts
    scorecard_count: int
    open_scorecard_count: int  # left out: begun when other ratings could be seen
    hidden_session_count: int  # left out: the asker's own review of them is not in
    competencies: tuple[CompetencyAgreement, ...]
    reviewers: tuple[ReviewerSeverity, ...]
    machines: tuple[MachineAgreement, ...]


class Pins(NamedTuple):
    """What an interview's versions look for."""

    names: Mapping[UUID, str]  # competency -> name, in the order in which it is asked for
    weights: Mapping[tuple[UUID | None, UUID], float]  # (question, rubric) -> weight


def interview_agreement(principal: Principal, key: str) -> InterviewAgreement:
    """Return the agreement in an interview, for somebody who may design it.

    Raises: Http404
    """
    interview = access_design(principal, key)
    sessions = Session.objects.visible_to(principal).filter(
        version__interview=interview, state__in=COUNTED
    )
    firsts = Scorecard.objects.filter(
        session__in=sessions, supersedes=None, state=Scorecard.State.SUBMITTED
    )
    rows = list(firsts.select_related("member__user").order_by("session_id", "pk"))
    hidden = blind_sessions(principal, {row.session_id for row in rows})
    shown = [row for row in rows if row.session_id not in hidden]
    cards = [row for row in shown if row.is_blind]
    pins = pins_of(interview)
    columns = sorted({row.member_id for row in cards})
    places = tuple(dict.fromkeys(row.session_id for row in cards))
    levels = levels_table(human_levels(firsts, cards), (places, tuple(pins.names), columns))
    machines = machine_levels(sessions, pins)
    return InterviewAgreement(
        interview_key=interview.key,
        interview_title=interview.title,
        min_pairs=agreement.MIN_PAIRS,
        min_sessions=agreement.MIN_SESSIONS,
        session_count=len(places),
        scorecard_count=len(cards),
        open_scorecard_count=len(shown) - len(cards),
        hidden_session_count=len(hidden),
        competencies=competency_agreements(levels, pins),
        reviewers=severities(levels, columns, cards, principal),
        machines=machine_agreements(levels, machines, places, pins),
    )


def pins_of(interview: Interview) -> Pins:
    """Return what the interview's versions look for, the newest naming the order: one query."""
    pinned = QuestionCompetency.objects.filter(question__version__interview=interview).order_by(
        "-question__version__number", "question__order", "rubric__competency__name"
    )
    names: dict[UUID, str] = {}
    weights: dict[tuple[UUID | None, UUID], float] = {}
    for question, rubric, weight, competency, name in pinned.values_list(
        "question_id", "rubric_id", "weight", "rubric__competency_id", "rubric__competency__name"
    ):
        names.setdefault(competency, name)
        weights[question, rubric] = weight
    return Pins(names=names, weights=weights)


def human_levels(
    firsts: QuerySet[Scorecard], cards: Iterable[Scorecard]
) -> dict[tuple[UUID, UUID, int], list[int]]:
    """Return the levels of each session, competency and member: one query."""
    whose = {card.pk: (card.session_id, card.member_id) for card in cards}
    found: dict[tuple[UUID, UUID, int], list[int]] = defaultdict(list)
    rated = ScorecardRating.objects.filter(scorecard__in=firsts, level__isnull=False)
    for card, competency, level in rated.values_list(
        "scorecard_id", "rubric__competency_id", "level"
    ):
        if card in whose and level is not None:
            session, member = whose[card]
            found[session, competency, member].append(level)
    return found


def levels_table(
    found: Mapping[tuple[UUID, UUID, int], Sequence[int]],
    axes: tuple[Sequence[UUID], Sequence[UUID], Sequence[int]],
) -> Numbers:
    """Return levels by session, competency and member, NaN where there is none."""
    places = [{name: place for place, name in enumerate(axis)} for axis in axes]
    table = np.full([len(axis) for axis in axes], np.nan)
    for (session, competency, member), levels in found.items():
        if competency in places[1]:
            row, layer, column = places[0][session], places[1][competency], places[2][member]
            table[row, layer, column] = sum(levels) / len(levels)
    return table


def machine_levels(sessions: QuerySet[Session], pins: Pins) -> dict[str, dict[Cell, float]]:
    """Return each machine's weighted mean over the answers of a session: one query."""
    found: dict[str, dict[Cell, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    ratings = Rating.objects.filter(
        analysis__session__in=sessions, analysis__is_current=True, level__isnull=False
    )
    for provider, session, competency, question, rubric, level in ratings.values_list(
        "analysis__provider",
        "analysis__session_id",
        "competency_id",
        "response__question_id",
        "rubric_id",
        "level",
    ):
        weight = pins.weights.get((question, rubric), 1.0)
        if level is not None and weight > 0:
            found[provider][session, competency].append((level, weight))
    return {
        provider: {
            cell: sum(level * weight for level, weight in pairs) / sum(w for _, w in pairs)
            for cell, pairs in cells.items()
        }
        for provider, cells in sorted(found.items())
    }


def competency_agreements(levels: Numbers, pins: Pins) -> tuple[CompetencyAgreement, ...]:
    """Return how far reviewers agree on each competency."""
    found = []
    for layer, (competency_id, name) in enumerate(pins.names.items()):
        reliability = agreement.reliability(levels[:, layer, :])
        found.append(
            CompetencyAgreement(
                competency_id=competency_id,
                competency=name,
                alpha=agreement.alpha(levels[:, layer, :]),
                reliability=reliability,
                enough=agreement.enough(reliability.single, TARGET),
            )
        )
    return tuple(found)


def severities(
    levels: Numbers, columns: Sequence[int], cards: Iterable[Scorecard], principal: Principal
) -> tuple[ReviewerSeverity, ...]:
    """Return how mild or severe each reviewer is, by name."""
    members = {card.member_id: card.member for card in cards}
    found = [
        ReviewerSeverity(
            member_id=colleague_id(members[member_id]),
            reviewer=members[member_id].user.name or members[member_id].user.email,
            is_me=members[member_id].user_id == principal.user_id,
            severity=agreement.severity(levels, column),
        )
        for column, member_id in enumerate(columns)
    ]
    return tuple(sorted(found, key=lambda each: (each.reviewer, each.member_id)))


def machine_agreements(
    levels: Numbers,
    machines: Mapping[str, Mapping[Cell, float]],
    places: Sequence[UUID],
    pins: Pins,
) -> tuple[MachineAgreement, ...]:
    """Return how far each machine agrees with the reviewers' mean on each competency."""
    numbers = (~np.isnan(levels)).sum(axis=2)
    sums = np.nansum(levels, axis=2)
    humans = np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)
    found = []
    for provider, cells in machines.items():
        for layer, (competency_id, name) in enumerate(pins.names.items()):
            theirs = np.array([cells.get((place, competency_id), np.nan) for place in places])
            found.append(
                MachineAgreement(
                    provider=provider,
                    competency_id=competency_id,
                    competency=name,
                    kappa=agreement.kappa(humans[:, layer], theirs),
                )
            )
    return tuple(found)
