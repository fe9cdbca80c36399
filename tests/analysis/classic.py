"""The classic way to a session's data: nested ModelSerializers over prefetched rows.

It gives the same content as the product does, field by field, and shares no code with it but what
is computed rather than read: the review, the run's forecast, the words of failures.
"""

from django.db.models import Prefetch
from django.utils import timezone
from rest_framework import serializers

from analysis.explanations import absences, explanation
from analysis.models import AnalysisRun, Evidence, Rating, TextMetrics, Transcript
from analysis.results import weighted_mean
from analysis.reviews import session_review
from analysis.wire import as_data
from interviews.models import Anchor, QuestionCompetency, Response, Session
from interviews.permissions import access_session
from interviews.selectors.retention import kept_until
from ops.selectors import latest_outcome
from recordings.models import QualityReport, Recording, Rendition


def explained(row):
    return as_data(explanation(row.failure_code))


class RenditionPeer(serializers.ModelSerializer):
    class Meta:
        model = Rendition
        fields = ("kind", "content_type", "size_bytes", "duration_ms")


class QualityPeer(serializers.ModelSerializer):
    class Meta:
        model = QualityReport
        exclude = ("id", "recording")


class TranscriptPeer(serializers.ModelSerializer):
    class Meta:
        model = Transcript
        exclude = ("id", "recording", "reasons", "fallbacks")


class RecordingPeer(serializers.ModelSerializer):
    response_id = serializers.UUIDField(source="take.response_id")
    question_order = serializers.IntegerField(source="take.response.question.order")
    take_number = serializers.IntegerField(source="take.number")
    take_state = serializers.CharField(source="take.state")
    is_answer = serializers.SerializerMethodField()
    is_original_kept = serializers.SerializerMethodField()
    is_archived = serializers.SerializerMethodField()
    mode = serializers.CharField(source="take.mode")
    failure = serializers.SerializerMethodField()
    renditions = RenditionPeer(many=True)
    quality = QualityPeer(default=None)
    transcript = TranscriptPeer(default=None)

    class Meta:
        model = Recording
        fields = (
            *("id", "response_id", "question_order", "take_number", "take_state", "is_answer"),
            *("mode", "state", "content_type", "size_bytes", "sha256", "storage_type"),
            *("storage_class", "container", "audio_codec", "video_codec", "width", "height"),
            *("duration_ms", "peaks", "created_at", "is_original_kept", "is_archived"),
            *("readable_until", "deleted_at", "failure", "renditions", "quality", "transcript"),
        )

    def get_is_answer(self, row):
        return self.context["answers"].get(row.take.response_id) == row.pk

    def get_is_original_kept(self, row):
        return row.original_deleted_at is None and row.deleted_at is None

    def get_is_archived(self, row):
        return row.is_cold(timezone.now())

    def get_failure(self, row):
        return explained(row)


class MetricsPeer(serializers.ModelSerializer):
    class Meta:
        model = TextMetrics
        exclude = ("id", "response", "readability_formula")


class EvidencePeer(serializers.ModelSerializer):
    class Meta:
        model = Evidence
        exclude = ("id", "rating")


class RatingPeer(serializers.ModelSerializer):
    rater_id = serializers.UUIDField(source="analysis_id")
    competency_id = serializers.UUIDField()
    competency = serializers.CharField(source="competency.name")
    weight = serializers.SerializerMethodField()
    anchor = serializers.SerializerMethodField()
    evidence = EvidencePeer(many=True)

    class Meta:
        model = Rating
        fields = (
            *("rater_id", "competency_id", "competency", "weight", "level", "anchor"),
            *("rationale", "evidence"),
        )

    def get_weight(self, row):
        return self.context["weights"].get((row.response.question_id, row.rubric_id))

    def get_anchor(self, row):
        return self.context["anchors"].get((row.rubric_id, row.level), "")


class RaterPeer(serializers.ModelSerializer):
    mean_level = serializers.SerializerMethodField()
    rated_count = serializers.SerializerMethodField()
    insufficient_count = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField()

    class Meta:
        model = AnalysisRun
        fields = (
            *("id", "provider", "model", "prompt_version", "rubric_hash", "tokens_in"),
            *("tokens_out", "cost_usd", "dropped_evidence", "mean_level", "rated_count"),
            *("insufficient_count", "failure", "created_at"),
        )

    def given(self, row):
        return [rating for rating in self.context["ratings"] if rating.analysis_id == row.pk]

    def get_mean_level(self, row):
        weights = self.context["weights"]
        levels = [
            (r.level, weights.get((r.response.question_id, r.rubric_id), 1.0))
            for r in self.given(row)
            if r.level
        ]
        return weighted_mean(levels)

    def get_rated_count(self, row):
        return sum(1 for rating in self.given(row) if rating.level)

    def get_insufficient_count(self, row):
        return sum(1 for rating in self.given(row) if not rating.level)

    def get_failure(self, row):
        return explained(row)


class AnswerPeer(serializers.ModelSerializer):
    response_id = serializers.UUIDField(source="id")
    order = serializers.IntegerField(source="question.order")
    kind = serializers.CharField(source="question.kind")
    question = serializers.CharField(source="question.text")
    is_required = serializers.BooleanField(source="question.required")
    text_metrics = MetricsPeer(default=None)
    ratings = RatingPeer(many=True, source="shown_ratings")
    recordings = RecordingPeer(many=True, source="all_recordings")

    class Meta:
        model = Response
        fields = (
            *("response_id", "order", "kind", "question", "is_required", "state", "mode", "text"),
            *("submitted_at", "text_metrics", "ratings", "recordings"),
        )


class SessionPeer(serializers.ModelSerializer):
    interview_key = serializers.CharField(source="version.interview.key")
    interview_title = serializers.CharField(source="version.interview.title")
    interview_version = serializers.IntegerField(source="version.number")
    candidate_alias = serializers.CharField(source="candidate.alias")
    consents = serializers.SerializerMethodField()
    kept_until = serializers.SerializerMethodField()
    answers = AnswerPeer(many=True, source="all_answers")
    raters = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()
    review = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = (
            *("id", "interview_key", "interview_title", "interview_version", "external_id"),
            *("candidate_alias", "state", "ai_mode", "consents", "created_at", "started_at"),
            *("deadline_at", "submitted_at", "ready_at", "kept_until", "answers", "raters"),
            *("missing", "run", "review"),
        )

    def get_consents(self, _):
        return self.context["consents"]

    def get_kept_until(self, row):
        granted = [scope for scope, is_given in self.context["consents"].items() if is_given]
        return serializers.DateTimeField().to_representation(kept_until(row, granted))

    def get_raters(self, _):
        return RaterPeer(self.context["raters"], many=True, context=self.context).data

    def get_missing(self, row):
        orders = {each.pk: each.take.response.question.order for each in self.context["recordings"]}
        return as_data(absences(self.context["outcome"], row.missing, orders))

    def get_run(self, _):
        return as_data(self.context["outcome"] and self.context["outcome"].run)

    def get_review(self, _):
        return as_data(self.context["review"])


def by_response(rows, response_of):
    found = {}
    for row in rows:
        found.setdefault(response_of(row), []).append(row)
    return found


def recordings_of(session):
    return (
        Recording.objects.filter(session=session)
        .select_related("take__response__question", "transcript", "quality")
        .prefetch_related(Prefetch("renditions", Rendition.objects.order_by("id").defer("inline")))
        .order_by("take__number")
    )


def ratings_of(session):
    return (
        Rating.objects.filter(analysis__session=session, analysis__is_current=True)
        .select_related("competency", "response")
        .prefetch_related(Prefetch("evidence", Evidence.objects.order_by("start_char")))
        .order_by("analysis__provider", "analysis__created_at", "competency__name")
    )


def raters_of(session):
    current = AnalysisRun.objects.filter(session=session, is_current=True).defer("raw_output")
    return current.order_by("provider", "created_at")


def classic_answer(principal, key, session_id):
    """Return the data of the session's data-only answer."""
    session = access_session(principal, key, session_id)
    review = session_review(principal, session)
    recordings = list(recordings_of(session))
    pinned = QuestionCompetency.objects.filter(question__version=session.version_id)
    anchors = Anchor.objects.filter(rubric__in=pinned.values("rubric_id"))
    ratings = [] if review.is_blind else list(ratings_of(session))
    by_answer = by_response(recordings, lambda row: row.take.response_id)
    rated = by_response(ratings, lambda row: row.response_id)
    session.all_answers = list(
        session.responses.select_related("question", "text_metrics").order_by("question__order")
    )
    for answer in session.all_answers:
        answer.all_recordings = by_answer.get(answer.pk, [])
        answer.shown_ratings = rated.get(answer.pk, [])
    context = {
        "consents": {each.scope: each.granted for each in session.consents.order_by("id")},
        "review": review,
        "outcome": latest_outcome("session", session.pk),
        "recordings": recordings,
        "answers": {
            row.take.response_id: row.pk
            for row in recordings
            if row.take.state in ("verifying", "saved")
        },
        "ratings": ratings,
        "raters": [] if review.is_blind else list(raters_of(session)),
        "weights": {(row.question_id, row.rubric_id): row.weight for row in pinned},
        "anchors": {(row.rubric_id, row.level): row.text for row in anchors},
    }
    return SessionPeer(session, context=context).data
