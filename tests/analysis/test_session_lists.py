"""The sessions of an interview, narrowed, ordered and in pages; by page and by REST alike."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analysis import boards
from analysis.session_lists import SORTS, SessionFilter
from interviews.models import Assignment, Candidate, Session
from tests import factories

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


@pytest.fixture
def base(interview):
    return f"/interviews/{interview.key}/"


@pytest.fixture
def herons(interview, bob, rita):
    """Four sessions, one a day, of people with names; rita reviews two of them, bob one."""
    facts = (
        ("Heron 1", "Ada Lovelace", "in_progress", ()),
        ("Heron 2", "Émilie du Châtelet", "ready_for_review", (rita, bob)),
        ("Heron 3", "محمد 🦊", "ready_for_review", (rita,)),
        ("Crane 4", "Grace Hopper", "decided", ()),
    )
    for day, (alias, name, state, reviewers) in enumerate(facts):
        session = factories.make_session(interview, alias=alias)
        at = timezone.now() - timedelta(days=10 - day)
        Session.objects.filter(pk=session.pk).update(
            state=state, created_at=at, external_id=f"X-{day}"
        )
        Candidate.objects.filter(pk=session.candidate_id).update(
            name=name, email=f"{name.split()[0].lower()}@people.test"
        )
        for user in reviewers:
            Assignment.objects.create(session=session, member=user.membership)


def aliases(page):
    return [view.row.candidate_alias for view in page.context["page"].rows]


def day(number):
    return (timezone.now() - timedelta(days=10 - number)).date().isoformat()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "4321"),
        ({"q": "heron"}, "321"),
        ({"q": "hopper"}, "4"),
        ({"q": "GRACE@people"}, "4"),
        ({"q": "محمد"}, "3"),
        ({"q": "x-1"}, "2"),
        ({"q": "nobody"}, ""),
        ({"q": "%"}, ""),
        ({"state": "ready_for_review"}, "32"),
        ({"state": "nonsense"}, "4321"),
        ({"reviewer": "nobody"}, "41"),
        ({"reviewer": "x"}, "4321"),
        ({"reviewer": "9" * 19}, "4321"),
        ({"reviewer": "999999"}, ""),
        ({"from_on": "yesterday"}, "4321"),
        ({"q": "heron", "state": "ready_for_review", "reviewer": "nobody"}, ""),
        ({"sort": "oldest"}, "1234"),
        ({"sort": "alias"}, "4123"),
        ({"sort": "nonsense"}, "4321"),
    ],
)
def test_a_designer_narrows_and_orders_the_board(herons, base, alice, signed_in, query, found):
    page = signed_in(alice).get(base, query)
    assert "".join(alias[-1] for alias in aliases(page)) == found
    assert page.context["page"].board.count == len(found)


def test_the_board_is_narrowed_by_days_and_by_a_reviewer(herons, base, alice, rita, signed_in):
    client = signed_in(alice)
    days = {"from_on": day(1), "until_on": day(2)}
    assert aliases(client.get(base, days)) == ["Heron 3", "Heron 2"]
    hers = {"reviewer": rita.membership.pk}
    assert aliases(client.get(base, hers)) == ["Heron 3", "Heron 2"]


def test_what_happened_last_comes_first_where_that_is_asked(herons, base, alice, signed_in):
    Session.objects.filter(candidate__alias="Heron 1").update(submitted_at=timezone.now())
    page = signed_in(alice).get(base, {"sort": "activity"})
    assert aliases(page)[0] == "Heron 1"


@pytest.mark.parametrize("wanted", ["Lovelace", "ada@people", "X-1", "Châtelet", "émilie"])
def test_a_reviewer_can_not_guess_names_by_searching(herons, base, rita, signed_in, wanted):
    assert aliases(signed_in(rita).get(base, {"q": wanted})) == []


def test_a_reviewer_searches_among_what_is_assigned_to_her(herons, base, rita, bob, signed_in):
    client = signed_in(rita)
    assert aliases(client.get(base)) == ["Heron 3", "Heron 2"]
    assert aliases(client.get(base, {"q": "heron 1"})) == []
    # Who else reviews what is not hers to know.
    assert len(aliases(client.get(base, {"reviewer": bob.membership.pk}))) == 2
    page = text(client.get(base))
    assert 'name="reviewer"' not in page
    assert 'name="session"' not in page
    assert "/reviewers/" not in page


def test_the_board_says_how_many_review_and_offers_to_assign(herons, base, alice, signed_in):
    page = text(signed_in(alice).get(base))
    for words in ("0 of 2 reviewers", "1 of 2 reviewers", "2 of 2 reviewers"):
        assert words in page
    assert page.count('name="session"') == 4
    assert f'action="{base}reviewers/"' in page


def test_a_session_s_page_leads_those_who_assign_to_its_reviewers(
    herons, base, alice, rita, signed_in
):
    session = Session.objects.get(candidate__alias="Heron 3")
    page = f"{base}sessions/{session.pk}/"
    assert f"{page}reviewers/" in text(signed_in(alice).get(page))
    assert f"{page}reviewers/" not in text(signed_in(rita).get(page))


def test_each_active_filter_can_be_taken_away_alone(herons, base, alice, signed_in):
    query = {"q": "<b>heron", "state": "ready_for_review", "sort": "oldest"}
    page = signed_in(alice).get(base, query)
    first, second = page.context["active"]
    assert (first.name, first.without) == ("q", "state=ready_for_review&sort=oldest")
    assert (second.name, second.without) == ("state", "q=%3Cb%3Eheron&sort=oldest")
    assert "<b>heron" not in text(page)
    assert "Nothing found" in text(page)
    assert "Clear filters" in text(page)


def test_the_rows_alone_keep_how_they_were_narrowed(herons, base, alice, signed_in):
    query = {"q": "heron", "sort": "oldest"}
    rows = text(signed_in(alice).get(f"{base}rows/", query))
    assert f'hx-get="{base}rows/?q=heron&amp;sort=oldest"' in rows
    assert 'name="back" value="q=heron&amp;sort=oldest" form="assign"' in rows
    assert "Crane 4" not in rows


@pytest.mark.parametrize("sort", SORTS)
def test_pages_bring_every_session_once_in_every_order(
    herons, interview, alice, principal, monkeypatch, sort
):
    monkeypatch.setattr(boards, "BOARD_ROWS", 1)
    Session.objects.update(created_at=timezone.now())  # the same moment: the id decides
    found, before = [], None
    while True:
        page = boards.board(principal(alice), interview.key, sort=sort, before=before)
        found += [row.candidate_alias for row in page.rows]
        assert page.count == 4
        if page.older is None:
            break
        before = page.older
    assert sorted(found) == ["Crane 4", "Heron 1", "Heron 2", "Heron 3"]


def test_the_next_page_keeps_how_the_list_was_narrowed(herons, base, alice, signed_in, monkeypatch):
    monkeypatch.setattr(boards, "BOARD_ROWS", 1)
    page = signed_in(alice).get(base, {"q": "heron"})
    older = page.context["page"].board.older
    assert f"{base}?q=heron&amp;before={older}" in text(page)
    page = signed_in(alice).get(base, {"q": "heron", "before": older})
    assert aliases(page) == ["Heron 2"]


def test_rest_searches_as_the_board_does(herons, interview, alice, rita, signed_in):
    api = f"/api/v1/interviewer/interviews/{interview.key}/results/sessions"

    def found(user, **query):
        rows = signed_in(user).get(api, query).json()["results"]
        return [row["candidate_alias"] for row in rows]

    assert found(alice, q="hopper") == ["Crane 4"]
    assert found(rita, q="hopper") == []
    assert found(rita, q="HERON 2") == ["Heron 2"]


@pytest.mark.parametrize(
    ("state", "words"),
    [("draft", "Edit and publish"), ("closed", "nobody else can start")],
)
def test_an_empty_board_says_what_comes_next(interview, base, alice, signed_in, state, words):
    interview.state = state
    interview.save()
    assert words in text(signed_in(alice).get(base))


def test_the_board_costs_the_same_queries_for_one_session_as_for_many(
    interview, base, alice, rita, signed_in, django_assert_num_queries
):
    client = signed_in(alice)

    def fill(start, end):
        for number in range(start, end):
            session = factories.make_session(interview, alias=f"Tern {number}")
            Assignment.objects.create(session=session, member=rita.membership)

    query = {"q": "tern", "state": "in_progress", "reviewer": rita.membership.pk}
    fill(0, 1)
    with django_assert_num_queries(16):
        client.get(base, query)
    fill(1, 49)
    with django_assert_num_queries(16):
        assert len(aliases(client.get(base, query))) == 49


def test_an_empty_filter_wants_everything():
    assert SessionFilter() == boards.ANY
