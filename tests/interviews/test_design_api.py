"""Designing by program: made, changed, published, copied; two who edit at once lose nothing."""

import json

import pytest
from django.test import Client

from interviews.models import Competency, Interview, InterviewQuestion
from ops.models import AuditEntry
from tests import factories

BASE = "/api/v1/interviewer"


class Program:
    """A client that says JSON and sends headers by their names."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, method):
        def ask(path, body=None, **headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if method == "get":
                return self.client.get(BASE + path, headers=named)
            return getattr(self.client, method)(
                BASE + path, json.dumps(body or {}), "application/json", headers=named
            )

        return ask


@pytest.fixture
def program(alice, signed_in):
    return Program(signed_in(alice))


@pytest.fixture
def made(program):
    """A new interview's document."""
    return program.post("/interviews", {"title": "Night nurse", "external_id": "R-7"}).json()


@pytest.fixture
def home(made):
    return f"/interviews/{made['key']}"


@pytest.fixture
def calm(program):
    anchors = [{"level": level, "text": f"Level {level}."} for level in range(1, 6)]
    return program.post("/competencies", {"name": "Calm", "anchors": anchors}).json()


def add(program, home, **body):
    return program.post(f"{home}/questions", body).json()


def is_problem(answer, status, code):
    return (answer.status_code, answer.json()["code"]) == (status, code)


# --- interviews ---------------------------------------------------------------------------------
def test_an_interview_is_made_with_an_empty_draft(program, alice):
    answer = program.post("/interviews", {"title": "Night nurse", "external_id": "R-7"})
    assert answer.status_code == 201
    told = answer.json()
    assert answer["Location"] == f"{BASE}/interviews/{told['key']}"
    assert (told["state"], told["external_id"], told["edit_number"]) == ("draft", "R-7", 0)
    assert (told["draft"]["number"], told["draft"]["questions"]) == (1, [])
    assert [each["code"] for each in told["draft"]["problems"]] == ["no_questions"]
    assert program.client.get(answer["Location"]).json() == told
    entry = AuditEntry.objects.get(action="interview.created")
    assert (entry.actor, entry.subject_id) == (f"member:{alice.pk}", told["key"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": ["x"]}, "title"),
        ({"title": "x", "locale": "tlh"}, "locale"),
        ({"title": "x", "ai_mode": "judge"}, "ai_mode"),
        ({"title": "x", "external_id": "x" * 101}, "external_id"),
        ({"title": "x", "titel": "y"}, "titel"),
        ({"title": "x", "state": "published"}, "state"),
    ],
)
def test_wrong_input_names_its_field_and_makes_nothing(program, body, field):
    answer = program.post("/interviews", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Interview.objects.exists()


def test_sent_again_with_its_key_it_is_made_once(program):
    answers = [
        program.post("/interviews", {"title": "Once"}, Idempotency_Key="k") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0]["ETag"] == answers[1]["ETag"]
    assert Interview.objects.count() == 1


def test_a_change_says_only_what_is_different(program, home):
    answer = program.patch(home, {"introduction": "We are a ward.", "edit_number": 0})
    told = answer.json()
    assert (told["introduction"], told["title"], told["external_id"]) == (
        "We are a ward.",
        "Night nurse",
        "R-7",
    )
    assert told["edit_number"] == 1


def test_who_edits_an_older_text_gets_both_and_nothing_is_written_over(program, home):
    program.patch(home, {"title": "Day nurse", "edit_number": 0})
    answer = program.patch(home, {"title": "Evening nurse", "edit_number": 0})
    assert is_problem(answer, 409, "edited_meanwhile")
    told = answer.json()
    assert told["differences"] == {"title": {"theirs": "Day nurse", "yours": "Evening nurse"}}
    assert Interview.objects.get().title == "Day nurse"
    again = program.patch(home, {"title": "Evening nurse", "edit_number": told["edit_number"]})
    assert again.json()["title"] == "Evening nurse"


def test_a_newer_text_that_says_the_same_is_no_conflict(program, home):
    for _ in range(2):
        answer = program.patch(home, {"title": "Day nurse", "edit_number": 0})
        assert (answer.status_code, answer.json()["edit_number"]) == (200, 1)


def test_the_etag_of_a_read_says_where_an_edit_started(program, home):
    etag = program.get(home)["ETag"]
    add(program, home, text="Changes the answer, and nothing that this edit writes.")
    assert program.get(home)["ETag"] != etag
    changed = program.patch(home, {"title": "Day nurse"}, If_Match=etag)
    assert changed.status_code == 200
    assert changed["ETag"] == program.get(home)["ETag"]
    stale = program.patch(home, {"title": "Evening nurse"}, If_Match=etag)
    assert is_problem(stale, 409, "edited_meanwhile")
    assert program.patch(home, {"title": "Over it"}, If_Match="*").json()["title"] == "Over it"


@pytest.mark.parametrize("header", [None, "", "0", '"x"', '"99"'])
def test_an_edit_that_does_not_say_where_it_started_is_refused(program, home, header):
    headers = {"If_Match": header} if header is not None else {}
    answer = program.patch(home, {"title": "Day nurse"}, **headers)
    assert answer.status_code == 400
    assert "edit_number" in answer.json()["errors"]


def test_what_has_not_changed_is_not_sent_again(program, home):
    etag = program.get(home)["ETag"]
    assert program.get(home, If_None_Match=etag).status_code == 304
    add(program, home)
    assert program.get(home, If_None_Match=etag).status_code == 200


def test_a_draft_is_deleted_and_a_published_interview_is_not(program, home, interview):
    assert program.delete(home).status_code == 204
    assert program.get(home).status_code == 404
    refused = program.delete(f"/interviews/{interview.key}")
    assert is_problem(refused, 409, "was_published")


def test_the_life_of_an_interview(program, home, calm):
    assert is_problem(program.post(f"{home}/publish"), 409, "no_questions")
    add(program, home, text="Why?", competencies=[{"competency_id": calm["id"]}])
    assert program.get(home).json()["draft"]["is_ready"]
    told = program.post(f"{home}/publish").json()
    assert (told["state"], told["draft"]) == ("published", None)
    assert is_problem(program.post(f"{home}/publish"), 409, "no_draft")
    assert is_problem(program.delete(f"{home}/draft"), 409, "version_published")
    first = program.post(f"{home}/versions")
    assert (first.status_code, first.json()["number"]) == (201, 2)
    assert program.post(f"{home}/versions").status_code == 200
    add(program, home, text="How?")
    assert program.delete(f"{home}/draft").status_code == 204
    assert [each["number"] for each in program.get(home).json()["versions"]] == [1]
    assert program.post(f"{home}/close").json()["state"] == "closed"
    assert is_problem(program.post(f"{home}/close"), 409, "not_open")
    assert program.post(f"{home}/reopen").json()["state"] == "published"


def test_a_published_version_stays_readable(program, home, calm):
    add(program, home, text="Why?", competencies=[{"competency_id": calm["id"], "weight": 2}])
    program.post(f"{home}/publish")
    begun = program.post(f"{home}/versions").json()["questions"][0]
    program.patch(f"{home}/questions/{begun['id']}", {"text": "How?", "edit_number": 0})
    first = program.get(f"{home}/versions/1").json()
    assert [question["text"] for question in first["questions"]] == ["Why?"]
    assert first["questions"][0]["competencies"] == [{"competency_id": calm["id"], "weight": 2.0}]
    assert program.get(f"{home}/versions/2").json()["questions"][0]["text"] == "How?"
    for number in (0, 3, 10**30):
        assert program.get(f"{home}/versions/{number}").status_code == 404


def test_a_duplicate_is_another_draft(program, home):
    add(program, home, text="Why?")
    answer = program.post(f"{home}/duplicate", {"external_id": "R-8"})
    told = answer.json()
    assert (answer.status_code, told["title"], told["external_id"]) == (
        201,
        "Night nurse (copy)",
        "R-8",
    )
    assert [question["text"] for question in told["draft"]["questions"]] == ["Why?"]


def test_a_reviewer_reads_the_interview_but_not_its_draft(interview, session, rita, signed_in):
    session.assignments.create(member=rita.membership)
    answer = Program(signed_in(rita)).get(f"/interviews/{interview.key}")
    assert answer.status_code == 200
    assert answer.json()["draft"] is None


def test_interviews_are_listed_newest_first_with_how_far_people_came(program, interview, session):
    for title in ("Day nurse", "Night nurse"):
        program.post("/interviews", {"title": title})
    page = program.get("/interviews?page_size=2").json()
    assert [each["title"] for each in page["results"]] == ["Night nurse", "Day nurse"]
    (rest,) = program.client.get(page["next"]).json()["results"]
    assert (rest["key"], rest["question_count"]) == (interview.key, 2)
    assert rest["funnel"] == {
        "invited": 1,
        "opened": 1,
        "started": 1,
        "submitted": 0,
        "reviewed": 0,
    }


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("q=nurse", ["Night nurse"]),
        ("external_id=R-7", ["Night nurse"]),
        ("external_id=R", []),
        ("state=draft", ["Night nurse"]),
        ("state=published", ["Support engineer"]),
        ("state=closed", []),
    ],
)
def test_interviews_are_looked_for(program, interview, made, query, titles):
    found = program.get(f"/interviews?{query}").json()["results"]
    assert [each["title"] for each in found] == titles


def test_a_state_that_no_interview_has_is_refused(program):
    assert "state" in program.get("/interviews?state=open").json()["errors"]


# --- questions ----------------------------------------------------------------------------------
def test_a_question_begins_with_the_defaults_that_serve_most(program, home):
    answer = program.post(f"{home}/questions", {})
    told = answer.json()
    assert answer.status_code == 201
    assert program.client.get(answer["Location"]).json() == told
    facts = ("think_time_s", "answer_limit_s", "max_takes", "modes", "required", "order")
    assert [told[fact] for fact in facts] == [60, 120, 2, ["video", "audio", "text"], True, 1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x" * 10_001}, "text"),
        ({"kind": "riddle"}, "kind"),
        ({"think_time_s": -1}, "think_time_s"),
        ({"think_time_s": 10**30}, "think_time_s"),
        ({"answer_limit_s": 9}, "answer_limit_s"),
        ({"max_takes": 0}, "max_takes"),
        ({"modes": ["smoke"]}, "modes.0"),
        ({"modes": ["text", "text"]}, "modes"),
        ({"modes": "text"}, "modes"),
        ({"competencies": [{"competency_id": "x"}]}, "competencies.0.competency_id"),
        ({"order": 1}, "order"),
    ],
)
def test_a_wrong_question_names_its_field(program, home, body, field):
    answer = program.post(f"{home}/questions", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not InterviewQuestion.objects.exists()


@pytest.mark.parametrize("weight", [0, -1, 11, "NaN", "inf", None, True])
def test_a_weight_is_a_number_within_bounds(program, home, calm, weight):
    weighed = [{"competency_id": calm["id"], "weight": weight}]
    answer = program.post(f"{home}/questions", {"competencies": weighed})
    assert answer.status_code == (201 if weight is True else 400)


def test_anothers_competency_is_none(program, home, charlie):
    theirs = factories.make_rubric(charlie.membership.organization).competency
    answer = program.post(
        f"{home}/questions", {"competencies": [{"competency_id": str(theirs.pk)}]}
    )
    assert answer.status_code == 400
    assert "competencies.0.competency_id" in answer.json()["errors"]


def test_a_question_changes_in_parts_and_keeps_the_rest(program, home, calm):
    weighed = [{"competency_id": calm["id"], "weight": 3.0}]
    question = add(program, home, text="Why?", modes=["text"], competencies=weighed)
    path = f"{home}/questions/{question['id']}"
    told = program.patch(path, {"text": "How?", "edit_number": 0}).json()
    assert told == question | {"text": "How?", "edit_number": 1}
    told = program.patch(path, {"competencies": [], "edit_number": 1}).json()
    assert (told["competencies"], told["modes"]) == ([], ["text"])


def test_two_who_write_a_question_at_once_see_both_texts(program, home, calm):
    question = add(program, home, text="Why?")
    path = f"{home}/questions/{question['id']}"
    weighed = [{"competency_id": calm["id"], "weight": 2.0}]
    program.patch(path, {"text": "How?", "edit_number": 0})
    answer = program.patch(path, {"text": "When?", "competencies": weighed, "edit_number": 0})
    assert answer.json()["differences"] == {
        "text": {"theirs": "How?", "yours": "When?"},
        "competencies": {"theirs": [], "yours": weighed},
    }
    assert program.get(path).json()["text"] == "How?"


def test_a_question_is_removed_and_comes_back(program, home):
    question = add(program, home, text="Why?")
    path = f"{home}/questions/{question['id']}"
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    removed = program.get(home).json()["draft"]["removed"]
    assert removed == [{"id": question["id"], "text": "Why?"}]
    assert is_problem(program.delete(path), 409, "question_removed")
    assert program.post(f"{path}/restore").json()["text"] == "Why?"
    assert program.post(f"{path}/restore").status_code == 404


def test_questions_are_copied_and_put_in_order(program, home):
    a, b = (add(program, home, text=text)["id"] for text in "AB")
    copy = program.post(f"{home}/questions/{a}/duplicate").json()
    assert copy["order"] == 2
    answer = program.put(f"{home}/questions/order", {"question_ids": [b, copy["id"], a]})
    assert [question["text"] for question in answer.json()] == ["B", "A", "A"]
    assert program.get(f"{home}/questions").json() == answer.json()
    stale = program.put(f"{home}/questions/order", {"question_ids": [a, b]})
    assert is_problem(stale, 409, "questions_changed")


def test_a_frozen_question_takes_no_change(program, interview):
    path = f"/interviews/{interview.key}/questions"
    question = program.get(path).json()[0]
    body = {"text": "Another", "edit_number": question["edit_number"]}
    assert is_problem(program.patch(f"{path}/{question['id']}", body), 409, "version_published")
    assert is_problem(program.post(path, {}), 409, "version_published")


# --- competencies -------------------------------------------------------------------------------
def test_a_competency_is_written_level_by_level(program):
    told = program.post("/competencies", {"name": "Calm"}).json()
    assert (told["anchors"], told["is_complete"]) == ([], False)
    path = f"/competencies/{told['id']}"
    anchors = [{"level": level, "text": f"Level {level}."} for level in (5, 1)]
    told = program.patch(path, {"anchors": anchors, "edit_number": 0}).json()
    assert told["anchors"] == anchors[::-1]
    rest = [{"level": 1, "text": ""}, {"level": 2, "text": "Two."}]
    told = program.patch(path, {"anchors": rest, "edit_number": 1}).json()
    assert [each["level"] for each in told["anchors"]] == [2, 5]


def test_a_published_scale_stays_and_a_change_is_the_next(program, interview):
    competency = Competency.objects.get()
    path = f"/competencies/{competency.pk}"
    answer = program.patch(path, {"definition": "New", "edit_number": 0})
    rubrics = answer.json()["rubrics"]
    assert [each["number"] for each in rubrics] == [2, 1]
    assert [each["published_at"] is None for each in rubrics] == [True, False]
    assert [len(each["anchors"]) for each in rubrics] == [5, 5]


def test_two_who_write_a_scale_at_once_see_both(program, calm):
    path = f"/competencies/{calm['id']}"
    program.patch(path, {"name": "Quiet", "edit_number": 0})
    answer = program.patch(path, {"anchors": [{"level": 1, "text": "Mine."}], "edit_number": 0})
    assert is_problem(answer, 409, "edited_meanwhile")
    yours = answer.json()["differences"]["anchors"]["yours"]
    assert yours[0] == {"level": 1, "text": "Mine."}
    assert len(yours) == 5


def test_a_name_is_taken_once(program, calm):
    assert is_problem(program.post("/competencies", {"name": "Calm"}), 409, "name_taken")
    other = program.post("/competencies", {"name": "Care"}).json()
    body = {"name": "Calm", "edit_number": 0}
    assert is_problem(program.patch(f"/competencies/{other['id']}", body), 409, "name_taken")


@pytest.mark.parametrize(
    "anchors",
    [[{"level": 6, "text": "x"}], [{"level": 1}], [{"level": 1, "text": "x"}] * 2, "x"],
)
def test_a_wrong_scale_is_refused(program, anchors):
    answer = program.post("/competencies", {"name": "Calm", "anchors": anchors})
    assert answer.status_code == 400
    assert not Competency.objects.exists()


def test_competencies_come_in_pages_by_name_and_can_be_searched(program):
    for name in ("Care", "Calm", "Order"):
        program.post("/competencies", {"name": name})
    page = program.get("/competencies?page_size=2").json()
    assert [each["name"] for each in page["results"]] == ["Calm", "Care"]
    rest = program.client.get(page["next"]).json()
    assert [each["name"] for each in rest["results"]] == ["Order"]
    found = program.get("/competencies?q=ca").json()["results"]
    assert [each["name"] for each in found] == ["Calm", "Care"]


def test_nobody_else_designs(made, home, bob, rita, charlie, signed_in):
    assert Program(signed_in(bob)).get(home).status_code == 200
    for user in (rita, charlie):
        there = Program(signed_in(user))
        assert there.get(home).status_code == 404
        assert there.patch(home, {"title": "x", "edit_number": 0}).status_code == 404
        assert there.post(f"{home}/questions").status_code == 404
    assert Program(Client()).get(home).status_code == 401
    assert Program(signed_in(rita)).post("/interviews", {"title": "x"}).status_code == 404
