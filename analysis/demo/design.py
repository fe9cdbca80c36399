"""Make the demo's organization, people and interviews."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from analysis.demo.content import (
    COMPETENCIES,
    INTRODUCTION,
    ORGANIZATION,
    PASSWORD,
    PEOPLE,
    CompetencyText,
    QuestionText,
)
from interviews.models import (
    Anchor,
    Competency,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    Question,
    QuestionCompetency,
    RubricVersion,
)
from interviews.services import publish_interview
from ops.models import Membership, Organization, User


def create_people() -> Organization:
    """Create the organization, its interviewers and a staff user who reaches the admin."""
    organization = Organization.objects.create(name=ORGANIZATION)
    for person in PEOPLE:
        create = User.objects.create_superuser if person.is_staff else User.objects.create_user
        user = create(person.email, PASSWORD, name=person.name)
        Membership.objects.create(user=user, organization=organization, role=person.role)
    return organization


def create_interview(
    *,
    organization: Organization,
    title: str,
    questions: Sequence[QuestionText],
    now: datetime,
    introduction: str = INTRODUCTION,
) -> Interview:
    """Create an interview with its rubrics and questions, and publish it."""
    interview = Interview.objects.create(
        organization=organization, title=title, introduction=introduction
    )
    version = InterviewVersion.objects.create(interview=interview, number=1)
    rubrics = create_rubrics(organization, COMPETENCIES)
    for order, question in enumerate(questions, start=1):
        asked = InterviewQuestion.objects.create(
            version=version,
            question=Question.objects.create(
                organization=organization,
                kind=question.kind,
                text=question.text,
                difficulty=question.difficulty,
            ),
            order=order,
            kind=question.kind,
            text=question.text,
            modes=list(question.modes),
        )
        QuestionCompetency.objects.bulk_create(
            QuestionCompetency(question=asked, rubric=rubrics[competency.name])
            for competency in question.competencies
        )
    publish_interview(interview=interview, now=now)
    return interview


def create_rubrics(
    organization: Organization, competencies: Iterable[CompetencyText]
) -> dict[str, RubricVersion]:
    """Create each competency with the first version of its anchored scale; return them by name."""
    rubrics = {}
    for text in competencies:
        competency = Competency.objects.create(
            organization=organization, name=text.name, definition=text.definition
        )
        rubric = rubrics[text.name] = RubricVersion.objects.create(competency=competency, number=1)
        Anchor.objects.bulk_create(
            Anchor(rubric=rubric, level=level, text=anchor)
            for level, anchor in enumerate(text.anchors, start=1)
        )
    return rubrics
