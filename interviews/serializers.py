"""The candidate's REST documents."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from interviews.models import ConsentRecord
from interviews.services.answers import MAX_TEXT_CHARS

# The answer to a browser that asks often must not carry what only its own page needs.


class CandidateStartRequest(serializers.Serializer[Any]):
    """The token of a link. One for many people wants to know who comes in."""

    token = serializers.CharField(max_length=200, trim_whitespace=True)
    name = serializers.CharField(
        max_length=200, required=False, help_text="By an open link: who comes in."
    )
    email = serializers.EmailField(
        required=False,
        allow_blank=True,
        help_text="By an open link: where her own link is sent, if she likes.",
    )


class CandidateTakeFailure(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()


class CandidateTake(serializers.Serializer[Any]):
    """One try; a technical failure does not count."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    mode = serializers.CharField()
    state = serializers.CharField()
    is_counted = serializers.BooleanField()
    failure = CandidateTakeFailure(allow_null=True)


class CandidateQuestion(serializers.Serializer[Any]):
    """A question with the candidate's answer so far."""

    response_id = serializers.UUIDField()
    order = serializers.IntegerField()
    text = serializers.CharField()
    kind = serializers.CharField()
    modes = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()
    think_time_s = serializers.IntegerField()
    answer_limit_s = serializers.IntegerField()
    max_takes = serializers.IntegerField()
    takes_left = serializers.IntegerField()
    state = serializers.ChoiceField(
        choices=["open", "uploading", "checking", "answered", "skipped", "failed"]
    )
    is_submitted = serializers.BooleanField()
    mode = serializers.CharField(allow_blank=True)
    text_answer = serializers.CharField(source="answer_text", allow_blank=True)
    takes = CandidateTake(many=True)


class CandidateRun(serializers.Serializer[Any]):
    """How far the processing of the answers is."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    percent = serializers.FloatField()
    current_stage = serializers.CharField(allow_blank=True)
    estimated_completion_s = serializers.FloatField(allow_null=True)
    last_event_seq = serializers.IntegerField()


class CandidateSessionDocument(serializers.Serializer[Any]):
    """A candidate's interview as she may know it."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    interview_title = serializers.CharField()
    introduction = serializers.CharField(allow_blank=True)
    organization_name = serializers.CharField()
    ai_mode = serializers.CharField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    can_submit = serializers.BooleanField()
    offered_scopes = serializers.ListField(child=serializers.CharField())
    granted_scopes = serializers.SerializerMethodField()
    kept_until = serializers.DateTimeField(help_text="when her recordings are deleted")
    questions = CandidateQuestion(many=True)
    run = CandidateRun(allow_null=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_granted_scopes(self, view: Any) -> list[str]:
        return sorted(view.granted_scopes)


class CandidateStartResponse(serializers.Serializer[Any]):
    """The session, and the CSRF token to send as X-CSRFToken with every later POST."""

    csrf_token = serializers.CharField()
    session = CandidateSessionDocument()
    link = serializers.CharField(
        allow_null=True,
        help_text="Her own link, by which she can come back: once, to whom an open link let in.",
    )


class ScopeNoticeDocument(serializers.Serializer[Any]):
    scope = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    is_required = serializers.BooleanField()


class NoticeDocument(serializers.Serializer[Any]):
    """What the candidate is asked to agree to, in the words whose hash a consent keeps."""

    version = serializers.CharField()
    content_hash = serializers.CharField()
    scopes = ScopeNoticeDocument(many=True)


class ConsentRequest(serializers.Serializer[Any]):
    """A yes or no per scope; a scope that is not named is a no."""

    granted = serializers.DictField(child=serializers.BooleanField())
    notice_hash = serializers.CharField(required=False, max_length=64)

    def validate_granted(self, granted: dict[str, bool]) -> dict[str, bool]:
        unknown = sorted(set(granted) - set(ConsentRecord.Scope.values))
        if unknown:
            raise serializers.ValidationError(f"There is no such consent: {', '.join(unknown)}.")
        return granted


class AnswerRequest(serializers.Serializer[Any]):
    """Typed text, or a skip; neither says that the recording which arrived is the answer."""

    text = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_TEXT_CHARS, trim_whitespace=True
    )
    skip = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("skip") and "text" in attrs:
            raise serializers.ValidationError("Send a text or a skip, not both.")
        return attrs
