"""The editor's pages: what was typed is kept, whoever else writes, and whatever is refused."""

import uuid

import pytest

from interviews.models import (
    Competency,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    QuestionCompetency,
    RubricVersion,
)
from interviews.services import designing
from ops.models import AuditEntry
from tests import factories

JSON = {"Accept": "application/json"}
HARD_TEXTS = [
    "<script>alert(1)</script>",
    "Wie geht's? 👩🏽‍🚀 नमस्ते",
    "ما هو أصعب قرار اتخذته؟",
    "é" * 500,
]


@pytest.fixture
def drafted(acme):
    """An interview with a draft of one question."""
    interview = designing.create_interview(
        organization_id=acme.pk, settings=designing.InterviewSettings(title="Night nurse")
    )
    designing.add_question(interview=interview, design=designing.QuestionDesign(text="Why here?"))
    return interview


@pytest.fixture
def question(drafted):
    return InterviewQuestion.objects.get(version__interview=drafted)


def edit_url(interview, rest=""):
    return f"/interviews/{interview.key}/edit/{rest}"


def question_url(question):
    return edit_url(question.version.interview, f"questions/{question.pk}/")


def typed(question, **changes):
    """What a browser sends of a question."""
    return {
        "edit_number": question.edit_number,
        "text": question.text,
        "kind": question.kind,
        "think_time_s": question.think_time_s,
        "answer_limit_s": question.answer_limit_s,
        "retakes": question.max_takes - 1,
        "modes": question.modes,
        "first_mode": question.modes[0],
        "required": "on",
    } | changes


def settings_of(interview, **changes):
    return {
        "edit_number": interview.edit_number,
        "title": interview.title,
        "introduction": interview.introduction,
        "locale": "en",
        "ai_mode": "assist",
    } | changes


def text(response):
    return response.content.decode()


def test_an_empty_home_leads_to_a_new_interview(alice, signed_in):
    client = signed_in(alice)
    assert "/interviews/new/" in text(client.get("/"))
    answer = client.post("/interviews/new/", {"title": "Night nurse"})
    interview = Interview.objects.get()
    assert answer["Location"] == edit_url(interview)
    assert (interview.organization, interview.state) == (alice.membership.organization, "draft")
    assert "No questions yet" in text(client.get(answer["Location"]))


@pytest.mark.parametrize("title", ["", "x" * 201])
def test_a_title_that_will_not_do_is_refused_and_kept(alice, signed_in, title):
    answer = signed_in(alice).post("/interviews/new/", {"title": title})
    assert answer.status_code == 400
    assert answer.context["form"]["title"].value() == title
    assert not Interview.objects.exists()


def test_an_added_question_has_the_defaults_of_the_product(drafted, alice, signed_in):
    signed_in(alice).post(edit_url(drafted, "steps/add/"))
    added = InterviewQuestion.objects.get(order=2)
    assert (added.think_time_s, added.answer_limit_s, added.max_takes) == (60, 120, 2)
    assert added.required


def test_script_saves_a_question_and_is_told_the_next_edit_number(question, alice, signed_in):
    data = typed(question, text="Why now?", modes=["text", "audio"], first_mode="audio")
    answer = signed_in(alice).post(question_url(question), data, headers=JSON)
    assert (answer.status_code, answer.json()["edit_number"]) == (200, 1)
    assert "Ready to publish" in answer.json()["readiness"]
    question.refresh_from_db()
    assert (question.text, question.modes) == ("Why now?", ["audio", "text"])


def test_two_editors_lose_nothing(question, alice, bob, signed_in):
    first = signed_in(bob).post(question_url(question), typed(question, text="Bob's"))
    assert first.status_code == 302
    answer = signed_in(alice).post(question_url(question), typed(question, text="Alice's"))
    page = text(answer)
    assert answer.status_code == 409
    assert "Bob&#x27;s" in page
    assert page.count("Alice&#x27;s") == 2  # beside the other text, and still in its field
    question.refresh_from_db()
    assert question.text == "Bob's"
    over = typed(
        question, text="Alice's", edit_number=0, over=answer.context["outcome"].edit_number
    )
    assert signed_in(alice).post(question_url(question), over).status_code == 302
    question.refresh_from_db()
    assert (question.text, question.edit_number) == ("Alice's", 2)


def test_script_is_told_of_a_conflict_with_both_texts(question, alice, bob, signed_in):
    signed_in(bob).post(question_url(question), typed(question, text="Bob's"))
    data = typed(question, text="Alice's")
    answer = signed_in(alice).post(question_url(question), data, headers=JSON)
    assert answer.status_code == 409
    assert "Bob&#x27;s" in answer.json()["notice"]
    assert "Alice&#x27;s" in answer.json()["notice"]


def test_two_editors_of_the_settings_lose_nothing(drafted, alice, bob, signed_in):
    url = edit_url(drafted, "settings/")
    assert signed_in(bob).post(url, settings_of(drafted, title="Bob's")).status_code == 302
    answer = signed_in(alice).post(url, settings_of(drafted, title="Alice's"))
    assert answer.status_code == 409
    assert "Alice&#x27;s" in text(answer)
    assert Interview.objects.get().title == "Bob's"


def test_the_same_text_from_two_people_is_no_conflict(question, alice, bob, signed_in):
    for each in (alice, bob):
        data = typed(question, text="Both")
        answer = signed_in(each).post(question_url(question), data, headers=JSON)
        assert (answer.status_code, answer.json()["edit_number"]) == (200, 1)


def test_two_editors_of_different_questions_do_not_meet(drafted, question, alice, bob, signed_in):
    other = designing.add_question(interview=drafted, design=designing.QuestionDesign())
    for who, row in ((alice, question), (bob, other)):
        assert signed_in(who).post(question_url(row), typed(row, text="Mine")).status_code == 302
    assert InterviewQuestion.objects.filter(text="Mine").count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"think_time_s": "-1"},
        {"answer_limit_s": "99999"},
        {"retakes": "many"},
        {"kind": "riddle"},
        {"modes": ["smoke"]},
        {"edit_number": "x"},
        {"competencies": ["no-uuid"]},
        {"text": "a\x00b"},
        {"text": "x" * 10_001},
    ],
)
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "script"])
def test_wrong_input_is_refused_and_kept(question, alice, signed_in, changes, headers):
    data = {"text": "Typed for long"} | changes
    answer = signed_in(alice).post(question_url(question), typed(question, **data), headers=headers)
    assert answer.status_code == 400
    if not headers and "text" not in changes:
        assert "Typed for long" in text(answer)
    question.refresh_from_db()
    assert (question.text, question.edit_number) == ("Why here?", 0)


@pytest.mark.parametrize("written", HARD_TEXTS)
def test_any_text_comes_back_as_it_was_written(question, alice, signed_in, written):
    client = signed_in(alice)
    assert client.post(question_url(question), typed(question, text=written)).status_code == 302
    question.refresh_from_db()
    assert question.text == written
    for page in (
        edit_url(question.version.interview),
        f"/interviews/{question.version.interview.key}/preview/",
    ):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in text(answer)


def test_what_was_typed_for_a_removed_question_is_shown_for_copying(
    drafted, question, alice, signed_in
):
    data, url = typed(question, text="An hour of work"), question_url(question)
    designing.remove_question(interview=drafted, question_id=question.pk)
    for headers in ({}, JSON):
        answer = signed_in(alice).post(url, data, headers=headers)
        assert answer.status_code == 409
        assert "An hour of work" in text(answer)


def test_what_was_typed_while_somebody_published_is_shown_for_copying(
    drafted, question, alice, signed_in
):
    client = signed_in(alice)
    client.post(edit_url(drafted, "steps/publish/"))
    answer = client.post(question_url(question), typed(question, text="An hour of work"))
    assert answer.status_code == 409
    assert "An hour of work" in text(answer)
    question.refresh_from_db()
    assert question.text == "Why here?"


def test_a_button_saves_what_was_typed_before_it_acts(drafted, question, alice, signed_in):
    client = signed_in(alice)
    client.post(question_url(question), typed(question, text="Typed", then="duplicate"))
    assert [each.text for each in InterviewQuestion.objects.all()] == ["Typed", "Typed"]
    question.refresh_from_db()
    client.post(question_url(question), typed(question, text="Second now", then="down"))
    assert [each.text for each in InterviewQuestion.objects.all()] == ["Typed", "Second now"]


def test_a_wrong_question_can_still_be_removed_and_comes_back(drafted, question, alice, signed_in):
    client = signed_in(alice)
    client.post(question_url(question), typed(question, retakes="x", then="remove"))
    assert not InterviewQuestion.objects.exists()
    assert "Why here?" in text(client.get(edit_url(drafted)))
    client.post(edit_url(drafted, f"questions/{question.pk}/restore/"))
    assert InterviewQuestion.objects.get().pk == question.pk


def test_competencies_are_chosen_with_weights_of_the_own_organization(
    acme, question, charlie, alice, signed_in
):
    own = factories.make_rubric(acme).competency
    foreign = factories.make_rubric(charlie.membership.organization).competency
    client = signed_in(alice)
    data = typed(question, competencies=[str(own.pk)], **{f"weight-{own.pk}": "2.5"})
    assert client.post(question_url(question), data).status_code == 302
    pin = QuestionCompetency.objects.get()
    assert (pin.rubric.competency, pin.weight) == (own, 2.5)
    data = typed(question, competencies=[str(foreign.pk)], edit_number=1)
    assert client.post(question_url(question), data).status_code == 400


def test_from_the_sixth_question_on_the_editor_warns(drafted, alice, signed_in):
    client = signed_in(alice)
    for _ in range(4):
        client.post(edit_url(drafted, "steps/add/"))
    assert "More than five questions" not in text(client.get(edit_url(drafted)))
    client.post(edit_url(drafted, "steps/add/"))
    assert "More than five questions" in text(client.get(edit_url(drafted)))


def test_publishing_tells_what_is_missing_and_changes_nothing(drafted, question, alice, signed_in):
    InterviewQuestion.objects.update(text="")
    answer = signed_in(alice).post(edit_url(drafted, "steps/publish/"), follow=True)
    assert text(answer).count("Write what question 1 asks.") == 2  # the answer, and the list
    assert Interview.objects.get().state == "draft"


def test_publish_edit_close_and_reopen(drafted, alice, signed_in):
    client = signed_in(alice)
    for step, state, versions in (
        ("publish", "published", ["published"]),
        ("begin", "published", ["published", "draft"]),
        ("begin", "published", ["published", "draft"]),
        ("discard", "published", ["published"]),
        ("discard", "published", ["published"]),
        ("begin", "published", ["published", "draft"]),
        ("close", "closed", ["closed", "draft"]),
        ("close", "closed", ["closed", "draft"]),
        ("reopen", "published", ["published", "draft"]),
        ("publish", "published", ["closed", "published"]),
    ):
        answer = client.post(edit_url(drafted, f"steps/{step}/"), follow=True)
        assert answer.status_code == 200
        assert Interview.objects.get().state == state
        rows = InterviewVersion.objects.order_by("number").values_list("state", flat=True)
        assert list(rows) == versions, step
    trail = AuditEntry.objects.order_by("pk").exclude(action="interview.created")
    assert list(trail.values_list("action", "actor", "detail__version")) == [
        (f"interview.{action}", f"member:{alice.pk}", version)
        for action, version in (("published", 1), ("closed", 1), ("reopened", 1), ("published", 2))
    ]


def test_the_first_draft_is_not_discarded(drafted, alice, signed_in):
    signed_in(alice).post(edit_url(drafted, "steps/discard/"))
    assert InterviewVersion.objects.count() == 1


def test_a_published_question_is_read_only_on_the_page(interview, alice, signed_in):
    page = text(signed_in(alice).get(edit_url(interview)))
    assert factories.QUESTIONS[0] in page
    assert "data-autosave" in page  # the texts of the whole interview
    assert "/edit/questions/" not in page


def test_editing_costs_the_same_queries_for_one_question_as_for_six(
    acme, drafted, alice, signed_in, django_assert_max_num_queries, django_assert_num_queries
):
    rubrics = [factories.make_rubric(acme, name) for name in ("Care", "Judgement")]
    weights = {each.competency_id: 1.0 for each in rubrics}
    for _ in range(1):
        design = designing.QuestionDesign(text="Why?", weights=weights)
        designing.add_question(interview=drafted, design=design)
    client = signed_in(alice)
    with django_assert_max_num_queries(20) as counted:
        client.get(edit_url(drafted))
    for _ in range(5):
        designing.add_question(interview=drafted, design=design)
    with django_assert_num_queries(len(counted)):
        client.get(edit_url(drafted))


def every_route(interview, question, competency):
    key = f"/interviews/{interview.key}"
    return [
        ("get", f"{key}/edit/"),
        ("get", f"{key}/preview/"),
        ("post", f"{key}/edit/settings/"),
        ("post", f"{key}/edit/questions/{question.pk}/"),
        ("post", f"{key}/edit/questions/{question.pk}/restore/"),
        *(
            ("post", f"{key}/edit/steps/{step}/")
            for step in ("add", "begin", "discard", "publish", "close", "reopen")
        ),
        ("get", f"/competencies/{competency.pk}/"),
        ("post", f"/competencies/{competency.pk}/"),
    ]


def test_strangers_and_reviewers_find_nothing(
    acme, drafted, question, charlie, rita, carol, signed_in, client
):
    routes = every_route(drafted, question, factories.make_rubric(acme, "Care").competency)
    for who in (signed_in(charlie), signed_in(rita)):
        for method, path in routes:
            assert getattr(who, method)(path).status_code == 404, path
    for who in (carol, client):
        for method, path in routes:
            answer = getattr(who, method)(path)
            assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)
    for path in ("/interviews/new/", "/competencies/", "/competencies/new/"):
        assert signed_in(rita).get(path).status_code == 404
    assert InterviewQuestion.objects.get(pk=question.pk).text == "Why here?"


def test_what_does_not_exist_is_not_found(drafted, interview, alice, signed_in):
    client = signed_in(alice)
    foreign = InterviewQuestion.objects.filter(version__interview=interview).first()
    for path in (
        f"questions/{uuid.uuid4()}/",
        f"questions/{uuid.uuid4()}/restore/",
        f"questions/{foreign.pk}/",
        "steps/explode/",
    ):
        answer = client.post(edit_url(drafted, path), typed(foreign))
        assert answer.status_code == 404, path


def competency_data(**changes):
    return {
        "edit_number": 0,
        "name": "Care",
        "definition": "Sees what people need.",
        **{f"anchor_{level}": f"Level {level}." for level in range(1, 6)},
    } | changes


def test_a_competency_is_written_and_changed(alice, signed_in):
    client = signed_in(alice)
    assert "No competencies yet" in text(client.get("/competencies/"))
    answer = client.post("/competencies/new/", competency_data(anchor_5=""))
    competency = Competency.objects.get()
    assert answer["Location"] == f"/competencies/{competency.pk}/"
    assert "4 of 5 levels" in text(client.get("/competencies/"))
    changed = client.post(answer["Location"], competency_data(), headers=JSON)
    assert (changed.status_code, changed.json()["edit_number"]) == (200, 1)
    assert "all levels described" in text(client.get("/competencies/"))
    assert RubricVersion.objects.count() == 1


def test_two_editors_of_a_competency_lose_nothing(acme, alice, bob, signed_in):
    url = f"/competencies/{factories.make_rubric(acme, 'Care').competency_id}/"
    assert signed_in(bob).post(url, competency_data(definition="Bob's")).status_code == 302
    answer = signed_in(alice).post(url, competency_data(definition="Alice's"))
    assert answer.status_code == 409
    assert "Bob&#x27;s" in text(answer)
    assert "Alice&#x27;s" in text(answer)


@pytest.mark.parametrize("name", ["", "x" * 101, "Taken"])
def test_a_name_that_will_not_do_is_refused_and_what_was_typed_is_kept(
    acme, alice, signed_in, name
):
    factories.make_rubric(acme, "Taken")
    other = factories.make_rubric(acme, "Care").competency_id
    for url, status in (("/competencies/new/", 400), (f"/competencies/{other}/", None)):
        answer = signed_in(alice).post(url, competency_data(name=name))
        assert answer.status_code == (status or (409 if name == "Taken" else 400))
        assert "Sees what people need." in text(answer)


def test_an_interview_is_duplicated_and_the_copy_opens(drafted, alice, signed_in):
    answer = signed_in(alice).post(f"/interviews/{drafted.key}/duplicate/", follow=True)
    copy = Interview.objects.exclude(pk=drafted.pk).get()
    assert answer.request["PATH_INFO"] == f"/interviews/{copy.key}/edit/"
    assert copy.title == f"{drafted.title} (copy)"


def test_a_draft_is_deleted_and_a_published_interview_stays(drafted, interview, alice, signed_in):
    client = signed_in(alice)
    for key in (drafted.key, interview.key):
        answer = client.post(f"/interviews/{key}/remove/", follow=True)
    assert "Close it instead" in text(answer)
    assert list(Interview.objects.all()) == [interview]
    assert f"/interviews/{interview.key}/remove/" not in text(answer)
