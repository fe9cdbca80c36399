"""The services behind the editor: order, copies, undo, versions, scales."""

import pytest
from django.http import Http404

from interviews import services
from interviews.models import (
    Competency,
    InterviewQuestion,
    QuestionCompetency,
    RubricVersion,
)
from interviews.services import arranging, designing, publishing, rubrics
from interviews.services.publishing import rubric_hash
from ops.conflicts import StateConflict
from tests import factories

ANCHORS = {level: f"Level {level}." for level in range(1, 6)}


@pytest.fixture
def drafted(acme):
    """An interview with a draft of three questions."""
    interview = designing.create_interview(
        organization_id=acme.pk, settings=designing.InterviewSettings(title="Night nurse")
    )
    for text in "ABC":
        designing.add_question(interview=interview, design=designing.QuestionDesign(text=text))
    return interview


def texts(interview):
    newest = interview.versions.latest("number")
    rows = newest.questions.order_by("order").values_list("order", "text")
    assert [order for order, _ in rows] == list(range(1, len(rows) + 1))
    return "".join(text for _, text in rows)


def asked(interview, text):
    return InterviewQuestion.objects.get(version__interview=interview, text=text).pk


@pytest.mark.parametrize(
    ("text", "step", "order"),
    [("A", -1, "ABC"), ("A", 1, "BAC"), ("B", 1, "ACB"), ("C", -1, "ACB"), ("C", 1, "ABC")],
)
def test_a_question_changes_places_with_its_neighbour(drafted, text, step, order):
    arranging.move_question(interview=drafted, question_id=asked(drafted, text), step=step)
    assert texts(drafted) == order


def test_a_copy_stands_right_after_its_question_and_is_another(acme, drafted):
    rubric = factories.make_rubric(acme)
    first = asked(drafted, "A")
    design = designing.QuestionDesign(text="A", weights={rubric.competency_id: 3.0})
    designing.save_question(interview=drafted, question_id=first, design=design, edit_number=0)
    copy = designing.duplicate_question(interview=drafted, question_id=first)
    assert texts(drafted) == "AABC"
    assert copy.pk != first
    assert copy.competencies.get().weight == 3.0


@pytest.mark.parametrize("text", ["A", "B", "C"])
def test_a_removed_question_comes_back_whole_to_its_place(acme, drafted, text):
    rubric = factories.make_rubric(acme)
    pk = asked(drafted, text)
    design = designing.QuestionDesign(
        text=text, modes=("text",), think_time_s=7, weights={rubric.competency_id: 3.0}
    )
    designing.save_question(interview=drafted, question_id=pk, design=design, edit_number=0)
    designing.remove_question(interview=drafted, question_id=pk)
    assert texts(drafted) == "ABC".replace(text, "")
    back = designing.restore_question(interview=drafted, question_id=pk)
    assert texts(drafted) == "ABC"
    assert (back.pk, back.edit_number) == (pk, 1)
    assert designing.design_of(InterviewQuestion.objects.get(pk=pk)) == design
    with pytest.raises(Http404):
        designing.restore_question(interview=drafted, question_id=pk)


def test_an_interview_has_room_for_fifty_questions(drafted):
    for _ in range(47):
        designing.add_question(interview=drafted, design=designing.QuestionDesign())
    with pytest.raises(StateConflict) as refused:
        designing.add_question(interview=drafted, design=designing.QuestionDesign())
    assert refused.value.code == "too_many_questions"


def test_sessions_stay_on_the_version_that_they_met(interview, session, now):
    draft = designing.begin_draft(interview=interview)
    assert texts(interview) == "".join(factories.QUESTIONS)
    changed = draft.questions.first()
    design = designing.QuestionDesign(text="Quite another")
    designing.save_question(
        interview=interview, question_id=changed.pk, design=design, edit_number=0
    )
    services.publish_interview(interview=interview, now=now)
    session.refresh_from_db()
    assert session.version.number == 1
    met = session.responses.order_by("question__order").values_list("question__text", flat=True)
    assert tuple(met) == factories.QUESTIONS
    later, _ = factories.make_invitation(interview, alias="Tern 2")
    assert services.start_session(invitation=later, now=now).version.number == 2


def test_nobody_starts_a_closed_interview_until_it_opens_again(interview, now):
    invitation, _ = factories.make_invitation(interview)
    publishing.close_interview(interview=interview)
    with pytest.raises(StateConflict):
        services.start_session(invitation=invitation, now=now)
    publishing.reopen_interview(interview=interview)
    assert services.start_session(invitation=invitation, now=now).version.number == 1


def test_a_frozen_question_takes_no_edit(interview):
    question = InterviewQuestion.objects.first()
    for act in (
        lambda: designing.save_question(
            interview=interview,
            question_id=question.pk,
            design=designing.QuestionDesign(text="Changed"),
            edit_number=0,
        ),
        lambda: designing.remove_question(interview=interview, question_id=question.pk),
        lambda: designing.add_question(interview=interview, design=designing.QuestionDesign()),
    ):
        with pytest.raises(StateConflict) as refused:
            act()
        assert refused.value.code == "version_published"


def test_weights_that_differ_need_a_reason(acme, drafted, now):
    one, two = (factories.make_rubric(acme, name).competency_id for name in ("Care", "Calm"))
    save = {"interview": drafted, "question_id": asked(drafted, "A")}
    design = {"text": "A", "weights": {one: 1.0, two: 2.0}}
    designing.save_question(**save, design=designing.QuestionDesign(**design), edit_number=0)
    with pytest.raises(StateConflict) as refused:
        services.publish_interview(interview=drafted, now=now)
    assert refused.value.code == "weights_unexplained"
    design["weight_reason"] = "Calm is what the ward lacks."
    designing.save_question(**save, design=designing.QuestionDesign(**design), edit_number=1)
    assert services.publish_interview(interview=drafted, now=now).state == "published"


def test_a_published_scale_stays_and_drafts_go_over_to_the_next(interview, now):
    rubric = RubricVersion.objects.get()
    RubricVersion.objects.update(definition=rubric.competency.definition)
    designing.begin_draft(interview=interview)
    rubrics.save_competency(
        competency=rubric.competency,
        design=rubrics.CompetencyDesign(name="Problem solving", definition="New", anchors=ANCHORS),
        edit_number=0,
    )
    first, second = RubricVersion.objects.order_by("number")
    assert first.meaning.startswith("Finds the cause")
    assert dict(first.anchors.values_list("level", "text")) == factories.ANCHORS
    pins = QuestionCompetency.objects.values_list("question__version__number", "rubric__number")
    assert set(pins) == {(1, 1), (2, 2)}
    services.publish_interview(interview=interview, now=now)
    second.refresh_from_db()
    assert second.content_hash == rubric_hash(second)
    assert (second.meaning, second.published_at) == ("New", now)


def test_saving_a_scale_without_a_change_makes_no_new_version(interview):
    competency = Competency.objects.get()
    design = rubrics.CompetencyDesign(
        name="Another name", definition=competency.definition, anchors=factories.ANCHORS
    )
    rubrics.save_competency(competency=competency, design=design, edit_number=0)
    assert RubricVersion.objects.count() == 1


def test_an_unfinished_scale_stops_the_publish(acme, drafted, now):
    competency = rubrics.create_competency(
        organization_id=acme.pk, design=rubrics.CompetencyDesign(name="Care", anchors={1: "Weak"})
    )
    designing.save_question(
        interview=drafted,
        question_id=asked(drafted, "A"),
        design=designing.QuestionDesign(text="A", weights={competency.pk: 1.0}),
        edit_number=0,
    )
    with pytest.raises(StateConflict) as refused:
        services.publish_interview(interview=drafted, now=now)
    assert (refused.value.code, "Care" in refused.value.message) == ("rubric_incomplete", True)
