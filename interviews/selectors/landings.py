"""What a link tells about its interview before anything begins."""

from dataclasses import dataclass
from datetime import datetime

from interviews.answer_states import RECORDED_MODES
from interviews.models import Interview, InterviewQuestion, Invitation
from interviews.selectors.candidates import ordered_modes


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One question's exact settings, shown before anything begins."""

    order: int
    modes: tuple[str, ...]
    think_time_s: int
    answer_limit_s: int
    retakes: int
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What a link tells before anything begins."""

    interview_title: str
    introduction: str
    organization_name: str
    candidate_name: str
    expires_at: datetime
    is_started: bool
    is_open_link: bool  # for many: whoever comes says who she is
    uses_software: bool
    questions: tuple[Settings, ...]

    @property
    def longest_min(self) -> int:
        """Minutes if every second of thinking and answering is used once, rounded up."""
        seconds = sum(each.think_time_s + each.answer_limit_s for each in self.questions)
        return -(-seconds // 60)

    @property
    def wants_sound(self) -> bool:
        return any(set(each.modes) & set(RECORDED_MODES) for each in self.questions)


def landing(invitation: Invitation) -> Landing:
    """Describe the interview behind a link (whose interview and organization are loaded)."""
    interview = invitation.interview
    questions = InterviewQuestion.objects.filter(
        version__interview=interview, version__state="published"
    )
    session = getattr(invitation, "session", None)
    if session is not None:
        questions = InterviewQuestion.objects.filter(version_id=session.version_id)
    return Landing(
        interview_title=interview.title,
        introduction=interview.introduction,
        organization_name=interview.organization.name,
        candidate_name=invitation.candidate.name if invitation.candidate else "",
        expires_at=invitation.expires_at,
        is_started=session is not None,
        is_open_link=invitation.kind == Invitation.Kind.OPEN,
        uses_software=interview.ai_mode == Interview.AiMode.ASSIST,
        questions=tuple(
            Settings(
                order=question.order,
                modes=ordered_modes(question),
                think_time_s=question.think_time_s,
                answer_limit_s=question.answer_limit_s,
                retakes=max(0, question.max_takes - 1),
                is_required=question.required,
            )
            for question in questions.order_by("order")
        ),
    )
