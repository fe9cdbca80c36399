"""Real rows for tests, built as the product builds them."""

from datetime import timedelta

from django.utils import timezone

from interviews.models import (
    Anchor,
    Candidate,
    Competency,
    ConsentRecord,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    Invitation,
    Question,
    QuestionCompetency,
    Response,
    RubricVersion,
    Session,
    Take,
)
from ops import tokens
from ops.models import Membership, Organization, User
from recordings.models import Recording

PASSWORD = "correct horse battery staple"
ANCHORS = {
    1: "Describes no own action, or an action that made the problem worse.",
    2: "Names a task but no own action or result.",
    3: "Describes own actions in order, with little about the result.",
    4: "Describes own actions, why they were chosen, and their result.",
    5: "Describes own actions, alternatives weighed, a measured result and what was learnt.",
}
QUESTIONS = (
    "Tell us about a time when you had to solve a problem with too little information.",
    "Describe a disagreement with a colleague and what you did about it.",
)


def make_organization(name="Acme"):
    return Organization.objects.create(name=name)


def make_member(organization, email, role="interviewer", *, is_staff=False):
    user = User.objects.create_user(email, PASSWORD, name=email.split("@")[0].title())
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])
    Membership.objects.create(user=user, organization=organization, role=role)
    return user


def make_rubric(organization, name="Problem solving"):
    competency = Competency.objects.create(
        organization=organization,
        name=name,
        definition="Finds the cause of a problem, weighs alternatives and checks the result.",
    )
    rubric = RubricVersion.objects.create(
        competency=competency, number=1, published_at=timezone.now(), content_hash="0" * 64
    )
    Anchor.objects.bulk_create(
        Anchor(rubric=rubric, level=level, text=text) for level, text in ANCHORS.items()
    )
    return rubric


def make_interview(organization, *, questions=QUESTIONS, modes=("audio", "video", "text")):
    """A published interview with one version, its questions rated on one rubric."""
    interview = Interview.objects.create(
        organization=organization, title="Support engineer", state=Interview.State.PUBLISHED
    )
    version = InterviewVersion.objects.create(
        interview=interview, number=1, state="published", published_at=timezone.now()
    )
    rubric = make_rubric(organization)
    for order, text in enumerate(questions, start=1):
        question = InterviewQuestion.objects.create(
            version=version,
            order=order,
            kind=Question.Kind.BEHAVIOURAL,
            text=text,
            modes=list(modes),
        )
        QuestionCompetency.objects.create(question=question, rubric=rubric)
    return interview


def make_invitation(interview, *, alias="Heron 42", expires_in=timedelta(days=7)):
    """Return (invitation, token)."""
    token = tokens.new_token()
    candidate = Candidate.objects.create(
        organization=interview.organization,
        name="Carol Candidate",
        email="carol@example.org",
        alias=alias,
    )
    invitation = Invitation.objects.create(
        interview=interview,
        candidate=candidate,
        token_hash=tokens.keyed_hash(token),
        token_prefix=tokens.prefix(token),
        expires_at=timezone.now() + expires_in,
    )
    return invitation, token


def make_session(interview, *, alias="Heron 42", consents=("recording", "ai_analysis")):
    """A session in progress with an open response to every question."""
    invitation, _ = make_invitation(interview, alias=alias)
    version = interview.versions.latest("number")
    session = Session.objects.create(
        organization=interview.organization,
        version=version,
        candidate=invitation.candidate,
        invitation=invitation,
        state=Session.State.IN_PROGRESS,
        started_at=timezone.now(),
        deadline_at=invitation.expires_at,
    )
    for question in version.questions.all():
        Response.objects.create(session=session, question=question)
    for scope in consents:
        give_consent(session, scope)
    return session


def give_consent(session, scope, *, granted=True):
    return ConsentRecord.objects.create(
        session=session, scope=scope, granted=granted, notice_version="1", notice_hash="0" * 64
    )


def make_recording(response, *, object_key="", size_bytes=1000, duration_ms=None):
    """A recording row without bytes behind it (its take is being verified)."""
    take = Take.objects.create(
        response=response,
        number=response.takes.count() + 1,
        mode="audio",
        state=Take.State.VERIFYING,
        started_at=timezone.now(),
    )
    return Recording.objects.create(
        session=response.session,
        take=take,
        object_key=object_key or f"org/test/rec/{take.id}/x",
        content_type="audio/ogg",
        size_bytes=size_bytes,
        sha256="0" * 64,
        duration_ms=duration_ms,
    )
