"""What was heard, measured and rated."""

import uuid
from typing import ClassVar

from django.db import models

from interviews.models import Competency, Response, RubricVersion, Session
from ops.models import Membership
from recordings.models import Recording


class Transcript(models.Model):
    """The words of a recording with their times.

    `segments` is a list of {start_ms, end_ms, text, confidence, is_doubtful, words}, `words` a list
    of {start_ms, end_ms, text, confidence, start_char, end_char}, where the characters are offsets
    into `text`. A row for every word would cost a results page thousands of rows.
    """

    class State(models.TextChoices):
        OK = "ok"
        NOT_RATABLE = "not_ratable"  # `reason` says why; only this answer is affected

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="transcript")
    engine = models.CharField(max_length=40)
    model = models.CharField(max_length=80)
    language = models.CharField(max_length=10)
    text = models.TextField()
    segments = models.JSONField(default=list)
    pauses = models.JSONField(default=list)  # [{start_ms, end_ms}] by voice activity
    speech_ms = models.PositiveIntegerField(null=True)  # by voice activity
    confidence = models.FloatField(null=True)  # 0..1, mean over words
    has_word_times = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OK)
    reason = models.CharField(max_length=200, blank=True)
    reasons = models.JSONField(default=dict)  # field -> why it is null
    fallbacks = models.JSONField(default=list)  # [{engine, code, reason}] that were passed over
    created_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"transcript of {self.recording_id}"


class TextMetrics(models.Model):
    """Descriptions of an answer, never scores. A failed measurement is null plus a reason."""

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="text_metrics")
    word_count = models.PositiveIntegerField()
    rate_wpm = models.FloatField(null=True)  # words per minute of speech
    pause_count = models.PositiveIntegerField(null=True)  # of at least 0.4 s
    pause_total_ms = models.PositiveIntegerField(null=True)
    longest_pause_ms = models.PositiveIntegerField(null=True)
    filler_count = models.PositiveIntegerField(null=True)  # a lower bound
    readability = models.FloatField(null=True)  # higher is easier, about 0 to 100
    readability_formula = models.CharField(max_length=40, blank=True)  # name and year
    vocabulary_share = models.FloatField(null=True)  # distinct / all words, 0..1
    keywords = models.JSONField(default=list)  # [{text, weight}]
    reasons = models.JSONField(default=dict)  # field -> why it is null

    class Meta:
        verbose_name = verbose_name_plural = "text metrics"

    def __str__(self) -> str:
        return f"text metrics of {self.response_id}"


class AnalysisRun(models.Model):
    """One evaluation of a session by one rater, kept whole so that it can be checked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="analysis_runs")
    provider = models.CharField(max_length=40)  # deterministic, openai
    model = models.CharField(max_length=80)
    prompt_version = models.CharField(max_length=40, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    rubric_hash = models.CharField(max_length=64)
    input_hash = models.CharField(max_length=64)
    tokens_in = models.PositiveIntegerField(null=True)
    tokens_out = models.PositiveIntegerField(null=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    raw_output = models.JSONField(null=True)
    dropped_evidence = models.PositiveIntegerField(default=0)  # quotes that were not there
    is_current = models.BooleanField(default=True)
    failure_code = models.CharField(max_length=40, blank=True)  # why this rater gave nothing
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["session", "provider", "created_at"])]

    def __str__(self) -> str:
        return f"{self.provider} on {self.session_id}"


class Rating(models.Model):
    """A level for one competency in one answer, or why there is none."""

    analysis = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="ratings")
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="ratings")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE)
    rubric = models.ForeignKey(RubricVersion, on_delete=models.PROTECT)
    level = models.PositiveSmallIntegerField(null=True)  # 1..5; null = insufficient evidence
    rationale = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["analysis", "response", "competency"], name="one_rating"
            ),
            models.CheckConstraint(
                condition=models.Q(level__isnull=True) | models.Q(level__gte=1, level__lte=5),
                name="rating_level_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competency}: {self.level}"


class Evidence(models.Model):
    """A quote that stands word for word in the answer, and the second where it is said."""

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="evidence")
    quote = models.TextField()
    start_char = models.PositiveIntegerField()  # into the transcript or the typed answer
    end_char = models.PositiveIntegerField()
    start_ms = models.PositiveIntegerField(null=True)  # null for typed answers
    end_ms = models.PositiveIntegerField(null=True)
    is_approximate = models.BooleanField(default=False)  # the engine gave no word times
    verified = models.BooleanField()

    class Meta:
        verbose_name_plural = "evidence"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(verified=True), name="evidence_is_verified")
        ]

    def __str__(self) -> str:
        return self.quote[:40]


class Scorecard(models.Model):
    """What one member makes of a session: a draft that saves itself, frozen once submitted.

    Judged again for a reason it becomes a new row that supersedes the old one, which stays as it
    was: the rows of a member and a session are a chain, and its last submitted one counts.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"

    class Recommendation(models.TextChoices):
        NONE = ""
        STRONG_NO = "strong_no"
        NO = "no"
        UNSURE = "unsure"
        YES = "yes"
        STRONG_YES = "strong_yes"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="scorecards")
    member = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="scorecards")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    edit_number = models.PositiveIntegerField(default=0)  # counts saves along the whole chain
    note = models.TextField(blank=True)
    recommendation = models.CharField(
        max_length=10, choices=Recommendation.choices, blank=True, default=Recommendation.NONE
    )
    # Whether other ratings of this session were hidden from her when she began.
    is_blind = models.BooleanField(default=True)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="superseded_by"
    )
    reason = models.TextField(blank=True)  # why it supersedes
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "member"],
                condition=models.Q(supersedes__isnull=True),
                name="one_scorecard",
            ),
            models.CheckConstraint(
                condition=models.Q(supersedes__isnull=True) | ~models.Q(reason=""),
                name="scorecard_amended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", submitted_at__isnull=True)
                | models.Q(state="submitted", submitted_at__isnull=False),
                name="scorecard_submitted_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"scorecard of {self.member_id} on {self.session_id}"


class ScorecardRating(models.Model):
    """A reviewer's level for one competency, on the scale that the session's version pins."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="ratings")
    rubric = models.ForeignKey(RubricVersion, on_delete=models.PROTECT)
    level = models.PositiveSmallIntegerField(null=True)  # 1..5
    is_insufficient = models.BooleanField(default=False)  # looked at, and not enough to tell
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scorecard", "rubric"], name="one_scorecard_rating"),
            models.CheckConstraint(
                condition=models.Q(level__isnull=True)
                | models.Q(level__gte=1, level__lte=5, is_insufficient=False),
                name="scorecard_level_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rubric}: {self.level}"


class ModelBatch(models.Model):
    """A request that waits at a provider: kept so that nobody pays for it twice."""

    class State(models.TextChoices):
        SUBMITTING = "submitting"  # perhaps handed in: looked for by its mark before another try
        SUBMITTED = "submitted"
        ANSWERED = "answered"
        FAILED = "failed"  # the provider ended it without an answer
        LATE = "late"  # not ready at its deadline: asked directly instead
        DROPPED = "dropped"  # nobody wants it any more

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # our mark
    # Outlives its session: what lies at the provider is still to be deleted there.
    session = models.ForeignKey(
        Session, null=True, on_delete=models.SET_NULL, related_name="model_batches"
    )
    run_id = models.UUIDField()  # a plain id, as in the ledger
    provider = models.CharField(max_length=40)
    input_hash = models.CharField(max_length=64)
    batch_id = models.CharField(max_length=100, blank=True)  # the provider's
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTING)
    created_at = models.DateTimeField(auto_now_add=True)
    deadline_at = models.DateTimeField()
    looks = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    is_cleared = models.BooleanField(default=False)  # nothing of it is left at the provider

    class Meta:
        verbose_name_plural = "model batches"
        indexes: ClassVar = [models.Index(fields=["is_cleared", "state"], name="batches_to_clear")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "run_id", "provider", "input_hash"], name="one_model_batch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.batch_id or self.id}"
