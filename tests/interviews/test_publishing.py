import pytest

from interviews import services
from interviews.models import Anchor, Interview, InterviewQuestion, InterviewVersion, RubricVersion
from interviews.services.publishing import rubric_hash
from ops.conflicts import StateConflict


@pytest.fixture
def draft(interview):
    """The interview with its version and rubric back in draft."""
    RubricVersion.objects.update(published_at=None, content_hash="")
    InterviewVersion.objects.update(state="draft", published_at=None)
    Interview.objects.update(state="draft")
    interview.refresh_from_db()
    return interview


def test_publishing_freezes_the_version_and_hashes_its_rubrics(draft, now):
    version = services.publish_interview(interview=draft, now=now)
    rubric = RubricVersion.objects.get()
    assert (version.state, version.published_at) == ("published", now)
    assert draft.state == Interview.objects.get().state == "published"
    assert rubric.published_at == now
    assert rubric.content_hash == rubric_hash(rubric)
    assert len(rubric.content_hash) == 64


def test_the_hash_changes_with_a_word(draft, now):
    services.publish_interview(interview=draft, now=now)
    rubric = RubricVersion.objects.get()
    Anchor.objects.filter(level=3).update(text="Something else.")
    assert rubric_hash(rubric) != rubric.content_hash


def test_a_published_rubric_keeps_its_hash(draft, now):
    RubricVersion.objects.update(published_at=now, content_hash="f" * 64)
    services.publish_interview(interview=draft, now=now)
    assert RubricVersion.objects.get().content_hash == "f" * 64


def test_the_version_before_is_closed(interview, now):
    second = InterviewVersion.objects.create(interview=interview, number=2)
    InterviewQuestion.objects.create(version=second, order=1, text="Why?", modes=["text"])
    services.publish_interview(interview=interview, now=now)
    assert interview.versions.get(number=1).state == "closed"
    assert interview.versions.get(number=2).state == "published"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda: InterviewQuestion.objects.all().delete(), "no_questions"),
        (lambda: InterviewQuestion.objects.update(modes=[]), "no_modes"),
        (lambda: Anchor.objects.filter(level=5).delete(), "rubric_incomplete"),
        (lambda: InterviewVersion.objects.update(state="published"), "no_draft"),
    ],
)
def test_what_is_not_ready_is_not_published(draft, now, spoil, code):
    spoil()
    with pytest.raises(StateConflict) as refused:
        services.publish_interview(interview=draft, now=now)
    assert refused.value.code == code
    assert RubricVersion.objects.get().published_at is None
