"""Put together what reads.py reads: recordings with their parts, ratings with their quotes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from analysis import reads
from analysis.explanations import explanation
from analysis.results import AnswerData, RaterData, RatingData, RecordingData, weighted_mean
from interviews.models import Take
from recordings.models import is_cold

RECEIVED = (Take.State.VERIFYING, Take.State.SAVED)
Recordings = Mapping[UUID, tuple[RecordingData, ...]]  # by response
Ratings = Mapping[UUID, tuple[RatingData, ...]]  # by response


def recordings_by_response(scope: str, about: UUID) -> Recordings:
    """Return the recordings of each response by number of take, in four queries.

    The newest take that was received is the answer.
    """
    rows = [(keys[0], facts) for keys, facts in reads.RECORDINGS.facts(scope, about)]
    renditions = reads.RENDITIONS.lists(scope, about)
    qualities = reads.QUALITIES.by_key(scope, about)
    transcripts = reads.TRANSCRIPTS.by_key(scope, about)
    answers = {
        response_id: facts["id"] for response_id, facts in rows if facts["take_state"] in RECEIVED
    }
    found, now = defaultdict(list), timezone.now()
    for response_id, facts in rows:
        id_ = facts["id"]
        is_untouched = facts["is_original_kept"] is None  # read as the time of its end
        facts["is_original_kept"] = is_untouched and facts["deleted_at"] is None
        facts["is_archived"] = is_cold(facts["state"], facts["readable_until"], now)
        facts["failure"] = explanation(facts["failure"])
        facts["is_answer"] = id_ == answers.get(response_id)
        facts["renditions"] = renditions.get(id_, ())
        facts["quality"] = qualities.get(id_)
        facts["transcript"] = transcripts.get(id_)
        found[response_id].append(RecordingData(**facts))
    return {response_id: tuple(recordings) for response_id, recordings in found.items()}


def answers_of(
    session_id: UUID, recordings: Recordings, ratings: Ratings
) -> tuple[AnswerData, ...]:
    """Return the answers in the order of their questions, in two queries."""
    metrics = reads.TEXT_METRICS.by_key("session", session_id)
    return tuple(
        AnswerData(
            **facts,
            text_metrics=metrics.get(response_id),
            ratings=ratings.get(response_id, ()),
            recordings=recordings.get(response_id, ()),
        )
        for (response_id,), facts in reads.ANSWERS.facts("session", session_id)
    )


def raters_and_ratings(session_id: UUID) -> tuple[tuple[RaterData, ...], Ratings]:
    """Return the current evaluations, and the ratings of each response, in three queries."""
    quotes = reads.EVIDENCE.lists("session", session_id)
    by_response, by_rater = defaultdict(list), defaultdict(list)
    for (pk, response_id), facts in reads.RATINGS.facts("session", session_id):
        rating = RatingData(**facts, evidence=quotes.get(pk, ()))
        by_response[response_id].append(rating)
        by_rater[rating.rater_id].append(rating)
    raters = reads.RATERS.facts("session", session_id)
    return (
        tuple(rater_data(facts, by_rater[id_]) for (id_,), facts in raters),
        {response_id: tuple(ratings) for response_id, ratings in by_response.items()},
    )


def rater_data(facts: dict[str, Any], ratings: Iterable[RatingData]) -> RaterData:
    given = list(ratings)
    levels = [(r.level, 1.0 if r.weight is None else r.weight) for r in given if r.level]
    cost_usd = facts["cost_usd"]
    facts["cost_usd"] = None if cost_usd is None else str(cost_usd)
    facts["failure"] = explanation(facts["failure"])
    return RaterData(
        **facts,
        mean_level=weighted_mean(levels),
        rated_count=len(levels),
        insufficient_count=len(given) - len(levels),
    )
