"""Another interview like this one, drafts thrown away, an order set at once."""

import pytest

from interviews.models import Interview, InterviewQuestion
from interviews.services import arranging, designing, shelf
from ops.conflicts import StateConflict
from ops.models import AuditEntry


def drafted(acme):
    settings = designing.InterviewSettings(title="Night nurse", external_id="R-7")
    interview = designing.create_interview(organization_id=acme.pk, settings=settings)
    for text in "ABC":
        designing.add_question(interview=interview, design=designing.QuestionDesign(text=text))
    return interview


def texts(interview):
    newest = interview.versions.latest("number")
    return "".join(newest.questions.order_by("order").values_list("text", flat=True))


def test_a_duplicate_is_a_draft_of_its_own_with_the_same_questions_and_weights(interview):
    copy = shelf.duplicate_interview(interview=interview, actor="member:1")
    assert (copy.state, copy.title) == ("draft", "Support engineer (copy)")
    assert copy.key != interview.key
    asked = InterviewQuestion.objects.filter(version__interview=copy).order_by("order")
    met = InterviewQuestion.objects.filter(version__interview=interview).order_by("order")
    assert [q.text for q in asked] == [q.text for q in met]
    assert [q.competencies.get().rubric for q in asked] == [
        q.competencies.get().rubric for q in met
    ]
    designing.save_question(
        interview=copy,
        question_id=asked[0].pk,
        design=designing.QuestionDesign(text="Another"),
        edit_number=0,
    )
    met[0].refresh_from_db()
    assert met[0].text != "Another"
    trail = AuditEntry.objects.get(action="interview.duplicated")
    assert (trail.subject_id, trail.detail) == (copy.key, {"original": interview.key})


def test_a_duplicate_has_no_outside_number_unless_it_is_given_one(acme):
    original = drafted(acme)
    assert shelf.duplicate_interview(interview=original).external_id == ""
    copy = shelf.duplicate_interview(interview=original, title="Day nurse", external_id="R-8")
    assert (copy.title, copy.external_id) == ("Day nurse", "R-8")


def test_a_copy_of_the_longest_title_fits(interview):
    Interview.objects.update(title="x" * 200)
    interview.refresh_from_db()
    assert len(shelf.duplicate_interview(interview=interview).title) == 200


def test_a_draft_is_thrown_away_and_written_down(acme):
    shelf.remove_interview(interview=drafted(acme), actor="member:1")
    assert not Interview.objects.exists()
    trail = AuditEntry.objects.get(action="interview.removed")
    assert (trail.actor, trail.detail) == ("member:1", {"title": "Night nurse"})


def test_what_was_published_is_closed_not_thrown_away(interview):
    for state in ("published", "closed", "draft"):  # even if its state were a draft's again
        Interview.objects.update(state=state)
        with pytest.raises(StateConflict) as refused:
            shelf.remove_interview(interview=interview)
        assert refused.value.code == "was_published"
    assert Interview.objects.exists()


def test_questions_take_the_order_that_names_each_once(acme):
    interview = drafted(acme)
    asked = list(interview.versions.get().questions.order_by("order"))
    a, b, c = (question.pk for question in asked)
    arranging.order_questions(interview=interview, question_ids=[c, a, b])
    assert texts(interview) == "CAB"
    for wrong in ([a, b], [a, b, c, c], [a, a, b], []):
        with pytest.raises(StateConflict) as refused:
            arranging.order_questions(interview=interview, question_ids=wrong)
        assert refused.value.code == "questions_changed"
    assert texts(interview) == "CAB"
