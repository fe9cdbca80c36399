"""What analysis keeps, so that nothing is paid for twice."""

from datetime import timedelta

from ops.caches import Cache, declare

TRANSCRIPTS = declare(
    Cache(
        name="transcripts",
        keeps="What was heard in a recording, by its hash, engine, model and consent",
        saves="the seconds of audio that a speech model would be given again",
        ttl=timedelta(days=7),
        max_entries=5000,
        is_personal=True,
    )
)
REPLIES = declare(
    Cache(
        name="analysis",
        keeps="A language model's ratings, by the hash of all that it was given",
        saves="the tokens of asking the same again",
        ttl=timedelta(days=7),
        max_entries=2000,
        is_personal=True,
    )
)
QUESTIONS = declare(
    Cache(
        name="questions",
        keeps="Questions that a language model wrote, up to ten for each wish",
        saves="the call that would write another one",
        ttl=timedelta(days=7),
        max_entries=5000,
        dimensions=("difficulty", "language"),
    )
)
EMBEDDINGS = declare(
    Cache(
        name="embeddings",
        keeps="Vectors of anchors and questions by text and model, never of answers",
        saves="computing them anew in every worker process",
        ttl=timedelta(days=90),
        max_entries=20_000,
    )
)
