"""What a designer sees: an interview's draft, its questions, and the competencies to rate on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from interviews.models import Competency, Interview, InterviewQuestion, InterviewVersion
from interviews.models.design import LEVELS
from interviews.readiness import Problem, problems_of, questions_with_rubrics
from ops.principals import Principal

WARN_FROM = 6  # in a study of 27,809 applicants more than five questions hurt


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignedQuestion:
    """A question as its designer wrote it; `weights` by competency id."""

    id: UUID
    order: int
    kind: str
    text: str
    think_time_s: int
    answer_limit_s: int
    max_takes: int
    modes: tuple[str, ...]
    required: bool
    weight_reason: str
    weights: dict[UUID, float]
    competencies: tuple[str, ...]
    edit_number: int

    @property
    def retakes(self) -> int:
        return max(0, self.max_takes - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedQuestion:
    """A question that can be brought back."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyDesign:
    """A competency with its newest scale; `anchors` by level."""

    id: UUID
    name: str
    definition: str
    anchors: dict[int, str]
    is_published: bool
    draft_count: int
    edit_number: int

    @property
    def is_complete(self) -> bool:
        return set(self.anchors) == set(LEVELS)

    @property
    def described_count(self) -> int:
        return len(self.anchors)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewDesign:
    """An interview's newest version with everything its editor shows."""

    key: str
    title: str
    introduction: str
    locale: str
    ai_mode: str
    external_id: str
    state: str
    edit_number: int
    version_number: int
    is_draft: bool
    was_published: bool
    organization_name: str
    questions: tuple[DesignedQuestion, ...]
    removed: tuple[RemovedQuestion, ...]
    problems: tuple[Problem, ...]

    @property
    def has_many_questions(self) -> bool:
        return len(self.questions) >= WARN_FROM

    @property
    def longest_min(self) -> int:
        """Minutes if every second of thinking and answering is used once, rounded up."""
        seconds = sum(each.think_time_s + each.answer_limit_s for each in self.questions)
        return -(-seconds // 60)

    @property
    def is_ready(self) -> bool:
        return self.is_draft and not self.problems

    def question(self, question_id: UUID) -> DesignedQuestion | None:
        return next((each for each in self.questions if each.id == question_id), None)


def interview_design(interview: Interview) -> InterviewDesign:
    """Return the newest version of an interview (whose organization is loaded) as it is now."""
    row = Interview.objects.get(pk=interview.pk)
    version = interview.versions.order_by("number").last()
    questions = questions_with_rubrics(version) if version else []
    is_draft = version is not None and version.state == InterviewVersion.State.DRAFT
    return InterviewDesign(
        key=row.key,
        title=row.title,
        introduction=row.introduction,
        locale=row.locale,
        ai_mode=row.ai_mode,
        external_id=row.external_id,
        state=row.state,
        edit_number=row.edit_number,
        version_number=version.number if version else 0,
        is_draft=is_draft,
        was_published=row.state != Interview.State.DRAFT,
        organization_name=interview.organization.name,
        questions=tuple(designed(each) for each in questions),
        removed=tuple(
            RemovedQuestion(id=UUID(each["id"]), text=each["design"]["text"])
            for each in (version.removed if version and is_draft else ())
        ),
        problems=tuple(problems_of(questions)) if is_draft else (),
    )


def designed(question: InterviewQuestion) -> DesignedQuestion:
    pins = list(question.competencies.all())
    return DesignedQuestion(
        id=question.pk,
        order=question.order,
        kind=question.kind,
        text=question.text,
        think_time_s=question.think_time_s,
        answer_limit_s=question.answer_limit_s,
        max_takes=question.max_takes,
        modes=tuple(question.modes),
        required=question.required,
        weight_reason=question.weight_reason,
        weights={pin.rubric.competency_id: pin.weight for pin in pins},
        competencies=tuple(sorted(pin.rubric.competency.name for pin in pins)),
        edit_number=question.edit_number,
    )


def competency_designs(
    principal: Principal, *, only: Sequence[UUID] | None = None
) -> list[CompetencyDesign]:
    """Return the organization's competencies by name, each with its newest scale."""
    rows = Competency.objects.visible_to(principal)
    if only is not None:
        rows = rows.filter(pk__in=only)
    in_drafts = Q(rubrics__questioncompetency__question__version__state="draft")
    counted = rows.annotate(
        draft_count=Count(
            "rubrics__questioncompetency__question__version", distinct=True, filter=in_drafts
        )
    )
    return [
        competency_design(row)
        for row in counted.order_by("name").prefetch_related("rubrics__anchors")
    ]


def competency_design(row: Competency) -> CompetencyDesign:
    newest = max(row.rubrics.all(), key=lambda rubric: rubric.number, default=None)
    return CompetencyDesign(
        id=row.pk,
        name=row.name,
        definition=row.definition,
        anchors={each.level: each.text for each in newest.anchors.all()} if newest else {},
        is_published=newest is not None and newest.published_at is not None,
        draft_count=getattr(row, "draft_count", 0),
        edit_number=row.edit_number,
    )
