"""The shapes that the results API reads and writes, as the OpenAPI schema names them."""

from typing import Any

from rest_framework import serializers

from analysis.shapes import ReviewProgressShape, ReviewSerializer, Shape
from interviews.models import Session

MODES = ("video", "audio", "text", "code")


class ExplanationShape(Shape):
    """What happened and what to do."""

    code = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()


class WordShape(Shape):
    """A word, its time in the recording and its characters in the transcript's text."""

    text = serializers.CharField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    start_char = serializers.IntegerField()
    end_char = serializers.IntegerField()
    confidence = serializers.FloatField(allow_null=True)


class SegmentShape(Shape):
    """A sentence or part of one; `is_doubtful` where the machine may have misheard."""

    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    start_char = serializers.IntegerField()
    end_char = serializers.IntegerField()
    text = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)
    is_doubtful = serializers.BooleanField()
    words = WordShape(many=True)


class PauseShape(Shape):
    """Silence by voice activity."""

    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()


class TranscriptShape(Shape):
    """The words of a recording."""

    engine = serializers.CharField()
    model = serializers.CharField()
    language = serializers.CharField()
    text = serializers.CharField()
    segments = SegmentShape(many=True)
    pauses = PauseShape(many=True)
    speech_ms = serializers.IntegerField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True, help_text="0..1, mean over words")
    has_word_times = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["ok", "not_ratable"])
    reason = serializers.CharField(allow_blank=True, help_text="why it can't be rated")
    created_at = serializers.DateTimeField()


class QualityShape(Shape):
    """How well the recording can be heard; null where `reasons` says why."""

    loudness_dbfs = serializers.FloatField(allow_null=True)
    peak_dbfs = serializers.FloatField(allow_null=True)
    clipped_share = serializers.FloatField(allow_null=True)
    silent_share = serializers.FloatField(allow_null=True)
    reasons = serializers.DictField(child=serializers.CharField())


class RenditionShape(Shape):
    """What was made from a recording."""

    kind = serializers.ChoiceField(choices=["speech", "playback", "poster"])
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    duration_ms = serializers.IntegerField(allow_null=True)


class RecordingShape(Shape):
    """A recording without any URL."""

    id = serializers.UUIDField()
    response_id = serializers.UUIDField()
    question_order = serializers.IntegerField()
    take_number = serializers.IntegerField()
    take_state = serializers.CharField()
    is_answer = serializers.BooleanField(help_text="the take that counts")
    mode = serializers.ChoiceField(choices=["video", "audio"])
    state = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    storage_type = serializers.CharField()
    storage_class = serializers.CharField()
    container = serializers.CharField(allow_blank=True)
    audio_codec = serializers.CharField(allow_blank=True)
    video_codec = serializers.CharField(allow_blank=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    peaks = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    created_at = serializers.DateTimeField()
    is_original_kept = serializers.BooleanField()
    is_archived = serializers.BooleanField(help_text="to be restored before it can be played")
    readable_until = serializers.DateTimeField(
        allow_null=True, help_text="the copy of an archived recording"
    )
    deleted_at = serializers.DateTimeField(allow_null=True, help_text="only this row is left")
    failure = ExplanationShape(allow_null=True)
    renditions = RenditionShape(many=True)
    quality = QualityShape(allow_null=True)
    transcript = TranscriptShape(allow_null=True)


class RecordingDataOnlySerializer(RecordingShape):
    """One recording with its quality and transcript."""


class KeywordShape(Shape):
    """A phrase that stands out in an answer."""

    text = serializers.CharField()
    weight = serializers.FloatField()


class TextMetricsShape(Shape):
    """Descriptions, not scores; null where `reasons` says why."""

    word_count = serializers.IntegerField()
    rate_wpm = serializers.FloatField(allow_null=True)
    pause_count = serializers.IntegerField(allow_null=True)
    pause_total_ms = serializers.IntegerField(allow_null=True)
    longest_pause_ms = serializers.IntegerField(allow_null=True)
    filler_count = serializers.IntegerField(allow_null=True, help_text="a lower bound")
    readability = serializers.FloatField(allow_null=True)
    vocabulary_share = serializers.FloatField(allow_null=True)
    keywords = KeywordShape(many=True)
    reasons = serializers.DictField(child=serializers.CharField())


class EvidenceShape(Shape):
    """A quote that stands in the answer word for word."""

    quote = serializers.CharField()
    start_char = serializers.IntegerField()
    end_char = serializers.IntegerField()
    start_ms = serializers.IntegerField(allow_null=True)
    end_ms = serializers.IntegerField(allow_null=True)
    is_approximate = serializers.BooleanField()
    verified = serializers.BooleanField()


class RatingShape(Shape):
    """One rater's level; null = insufficient evidence."""

    rater_id = serializers.UUIDField()
    competency_id = serializers.UUIDField()
    competency = serializers.CharField()
    weight = serializers.FloatField(allow_null=True)
    level = serializers.IntegerField(allow_null=True, min_value=1, max_value=5)
    anchor = serializers.CharField(allow_blank=True)
    rationale = serializers.CharField(allow_blank=True)
    evidence = EvidenceShape(many=True)


class RaterShape(Shape):
    """One evaluation of the session."""

    id = serializers.UUIDField()
    provider = serializers.CharField()
    model = serializers.CharField()
    prompt_version = serializers.CharField(allow_blank=True)
    rubric_hash = serializers.CharField()
    tokens_in = serializers.IntegerField(allow_null=True)
    tokens_out = serializers.IntegerField(allow_null=True)
    cost_usd = serializers.DecimalField(max_digits=12, decimal_places=6, allow_null=True)
    dropped_evidence = serializers.IntegerField()
    mean_level = serializers.FloatField(allow_null=True)
    rated_count = serializers.IntegerField()
    insufficient_count = serializers.IntegerField()
    failure = ExplanationShape(allow_null=True)
    created_at = serializers.DateTimeField()


class AnswerShape(Shape):
    """A question and what was answered."""

    response_id = serializers.UUIDField()
    order = serializers.IntegerField()
    kind = serializers.CharField()
    question = serializers.CharField()
    is_required = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["open", "submitted", "skipped"])
    mode = serializers.ChoiceField(choices=MODES, allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    text_metrics = TextMetricsShape(allow_null=True)
    ratings = RatingShape(many=True)
    recordings = RecordingShape(many=True)


class AbsenceShape(Shape):
    """A result that is missing and why."""

    stage = serializers.CharField()
    subject_id = serializers.UUIDField()
    question_order = serializers.IntegerField(allow_null=True)
    failure = ExplanationShape()
    job_id = serializers.UUIDField(allow_null=True)
    support_reference = serializers.CharField(allow_blank=True)


class RunSummaryShape(Shape):
    """How far the latest run is."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["open", "completed", "cancelled"])
    percent = serializers.FloatField()
    current_stage = serializers.CharField(allow_blank=True)
    estimated_completion_s = serializers.FloatField(allow_null=True)
    estimated_error_s = serializers.FloatField(allow_null=True)
    last_event_seq = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class SessionDataOnlySerializer(Shape):
    """A session with everything that was heard, measured and rated; no URL, no personal name."""

    id = serializers.UUIDField()
    interview_key = serializers.CharField()
    interview_title = serializers.CharField()
    interview_version = serializers.IntegerField()
    external_id = serializers.CharField(allow_blank=True)
    candidate_alias = serializers.CharField()
    state = serializers.ChoiceField(choices=Session.State.choices)
    ai_mode = serializers.CharField()
    consents = serializers.DictField(child=serializers.BooleanField())
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    deadline_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.DateTimeField(help_text="when its recordings are deleted")
    answers = AnswerShape(many=True)
    raters = RaterShape(many=True)
    missing = AbsenceShape(many=True)
    run = RunSummaryShape(allow_null=True)
    review = ReviewSerializer()


class RaterSummaryShape(Shape):
    """What one rater's levels come to."""

    provider = serializers.CharField()
    mean_level = serializers.FloatField(allow_null=True)
    rated_count = serializers.IntegerField()
    insufficient_count = serializers.IntegerField()


class SessionRowSerializer(Shape):
    """A session in the list."""

    id = serializers.UUIDField()
    candidate_alias = serializers.CharField()
    external_id = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Session.State.choices)
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True)
    question_count = serializers.IntegerField()
    answered_count = serializers.IntegerField()
    recording_count = serializers.IntegerField()
    missing_count = serializers.IntegerField()
    raters = RaterSummaryShape(many=True)
    run = RunSummaryShape(allow_null=True)
    reviews = ReviewProgressShape()
    is_blind = serializers.BooleanField(help_text="ratings are hidden until you submit yours")


class SessionFilterSerializer(serializers.Serializer[Any]):
    """Which sessions are wanted."""

    state = serializers.MultipleChoiceField(choices=Session.State.choices, required=False)
    reviewer = serializers.EmailField(required=False, help_text="a member of your organization")
    from_on = serializers.DateField(required=False, help_text="first day of creation, UTC")
    until_on = serializers.DateField(required=False, help_text="last day of creation, UTC")
    external_id = serializers.CharField(required=False, max_length=100)
    q = serializers.CharField(
        required=False,
        max_length=200,
        help_text="part of an alias; for those who may see names also of a name or an address",
    )
