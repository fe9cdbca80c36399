"""The list of interviews: funnel, search, filter, pages; and a member's own reviews."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews import services
from interviews.models import Assignment, Interview, InterviewVersion, Invitation, Session
from interviews.selectors import members
from interviews.selectors.members import InterviewFilter, interview_page
from interviews.selectors.reviews import my_reviews
from tests import factories

pytestmark = pytest.mark.django_db
ALL = InterviewFilter()


def text(response):
    return response.content.decode()


def steps(card):
    return [step.count for step in card.funnel.steps]


def with_states(interview, *states):
    for number, state in enumerate(states):
        session = factories.make_session(interview, alias=f"Tern {number}")
        Session.objects.filter(pk=session.pk).update(state=state)


def card_of(user, principal):
    (card,) = interview_page(principal(user), ALL).cards
    return card


# --- the funnel ---------------------------------------------------------------------------------
def test_the_funnel_counts_how_far_people_came(interview, alice, principal, now):
    opened, _ = factories.make_invitation(interview, alias="Opened")
    services.note_opened(invitation=opened, now=now)
    factories.make_invitation(interview, alias="Invited")
    with_states(
        interview,
        "consented",
        "in_progress",
        "processing",
        "ready_for_review",
        "ready_for_review",
        "decided",
    )
    services.mark_reviewed(
        session_id=Session.objects.filter(state="ready_for_review").first().pk, now=now
    )
    card = card_of(alice, principal)
    assert steps(card) == [8, 7, 5, 4, 2]
    assert card.to_review_count == 1


def test_an_open_link_is_nobody_and_a_link_revoked_unused_neither(interview, alice, principal, now):
    services.create_open_link(
        interview=interview, label="Page", max_uses=3, expires_at=now + timedelta(days=1), now=now
    )
    revoked, _ = factories.make_invitation(interview)
    services.revoke_invitation(invitation=revoked, now=now)
    assert steps(card_of(alice, principal)) == [0, 0, 0, 0, 0]


def test_a_session_whose_link_is_gone_still_counts(session, alice, principal):
    Invitation.objects.all().delete()
    assert steps(card_of(alice, principal)) == [1, 1, 1, 0, 0]


def test_bars_say_what_their_numbers_say(interview, alice, signed_in):
    with_states(interview, "in_progress", "processing")
    page = text(signed_in(alice).get("/"))
    assert '<progress class="progress funnel__bar" max="2" value="1" aria-hidden="true">' in page


@pytest.mark.parametrize("state", ["published", "closed"])
def test_a_card_counts_the_questions_that_candidates_meet(interview, alice, principal, state):
    Interview.objects.update(state=state)
    InterviewVersion.objects.update(state=state)
    former = InterviewVersion.objects.create(
        interview=interview, number=0, state="closed", published_at=timezone.now()
    )
    draft = InterviewVersion.objects.create(interview=interview, number=2)
    for version in (former, draft):
        version.questions.create(order=1, kind="text", text="?", modes=["text"])
    assert card_of(alice, principal).question_count == 2


def test_a_draft_counts_its_own_questions(interview, alice, principal):
    Interview.objects.update(state="draft")
    InterviewVersion.objects.update(state="draft", published_at=None)
    assert card_of(alice, principal).question_count == 2


# --- search, filter, order, pages ---------------------------------------------------------------
@pytest.fixture
def three(acme, interview):
    """Support engineer is open, two others are a draft and closed."""
    Interview.objects.create(organization=acme, title="Night nurse", external_id="REQ-7")
    Interview.objects.create(organization=acme, title="Cook", state="closed")
    return interview


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({}, {"Support engineer", "Night nurse", "Cook"}),
        ({"q": "nURse"}, {"Night nurse"}),
        ({"q": "req-7"}, {"Night nurse"}),
        ({"state": "open"}, {"Support engineer"}),
        ({"state": "draft"}, {"Night nurse"}),
        ({"state": "closed"}, {"Cook"}),
        ({"state": "closed", "q": "nurse"}, set()),
        ({"state": "nonsense"}, {"Support engineer", "Night nurse", "Cook"}),
        ({"after": "nonsense"}, {"Support engineer", "Night nurse", "Cook"}),
        ({"after": f"{10**40}_{'0' * 32}"}, {"Support engineer", "Night nurse", "Cook"}),
        ({"q": "x" * 300}, {"Support engineer", "Night nurse", "Cook"}),
    ],
)
def test_the_list_is_searched_and_filtered(three, alice, signed_in, query, titles):
    page = signed_in(alice).get("/", query).context["page"]
    assert {card.title for card in page.cards} == titles


def test_a_search_that_finds_nothing_says_so_and_offers_a_way_back(three, alice, signed_in):
    page = text(signed_in(alice).get("/", {"q": "juggler"}))
    assert "Nothing found" in page
    assert "Clear filters" in page
    assert 'value="juggler"' in page


def test_what_happened_last_comes_first(three, alice, principal):
    assert interview_page(principal(alice), ALL).cards[0].title == "Cook"
    factories.make_invitation(three)
    assert interview_page(principal(alice), ALL).cards[0].title == "Support engineer"


def test_pages_bring_every_interview_once(three, alice, principal, monkeypatch):
    monkeypatch.setattr(members, "PAGE_CARDS", 1)
    Interview.objects.update(created_at=timezone.now())  # the same moment: the id decides
    found, after = [], ""
    while True:
        page = interview_page(principal(alice), ALL, after=after)
        assert page.is_first == (not found)
        found += [card.title for card in page.cards]
        if not page.older:
            break
        after = page.older
    assert sorted(found) == ["Cook", "Night nurse", "Support engineer"]


def test_a_stranger_finds_nothing_whatever_she_looks_for(three, charlie, signed_in):
    for query in ({}, {"q": "nurse"}, {"state": "open"}):
        assert signed_in(charlie).get("/", query).context["page"].cards == ()


def test_the_list_costs_the_same_queries_for_one_interview_as_for_many(
    acme, interview, alice, signed_in, django_assert_max_num_queries, django_assert_num_queries
):
    client = signed_in(alice)
    with django_assert_max_num_queries(12) as counted:
        client.get("/")
    for number in range(20):
        Interview.objects.create(organization=acme, title=f"Interview {number}")
    with_states(interview, *["processing"] * 200)
    with django_assert_num_queries(len(counted)):
        assert len(client.get("/").context["page"].cards) == 21


# --- my reviews ---------------------------------------------------------------------------------
def give(session, user, **facts):
    return Assignment.objects.create(session=session, member=user.membership, **facts)


@pytest.fixture
def four(interview, rita, now):
    """Of rita: one to do, one not ready, one done, one decided without her."""
    with_states(interview, "ready_for_review", "in_progress", "ready_for_review", "decided")
    for session in Session.objects.select_related("candidate").order_by("candidate__alias"):
        give(session, rita, reviewed_at=now if session.candidate.alias == "Tern 2" else None)


def aliases(page):
    return [row.candidate_alias for row in page.rows]


def test_a_member_sees_what_she_has_to_review_and_what_is_done(four, rita, principal):
    rita = principal(rita)
    assert aliases(my_reviews(rita)) == ["Tern 0"]
    assert aliases(my_reviews(rita, shown="waiting")) == ["Tern 1"]
    page = my_reviews(rita, shown="done")
    assert aliases(page) == ["Tern 3", "Tern 2"]
    assert (page.to_do_count, page.waiting_count, page.done_count) == (1, 1, 2)


def test_nobody_sees_anothers_reviews(four, alice, charlie, signed_in):
    for user in (alice, charlie):
        assert signed_in(user).get("/reviews/").context["page"].is_empty


def test_reviews_come_in_pages(interview, rita, principal):
    with_states(interview, *["ready_for_review"] * 5)
    for session in Session.objects.select_related("candidate").order_by("candidate__alias"):
        give(session, rita)
    found, after = [], None
    while True:
        page = my_reviews(principal(rita), after=after, rows=2)
        found += aliases(page)
        if page.next_after is None:
            break
        after = page.next_after
    assert found == [f"Tern {number}" for number in range(5)]


def test_the_first_page_shows_a_reviewer_her_reviews_and_no_way_to_make_an_interview(
    four, rita, signed_in
):
    page = text(signed_in(rita).get("/"))
    assert "Tern 0" in page
    assert "1 to do, 1 not ready yet, 2 done" in page
    assert "4 sessions are assigned to you" in page
    assert "funnel" not in page.split("</head>")[1]
    assert "/interviews/new/" not in page


@pytest.mark.parametrize("query", [{"show": "x"}, {"after": "x"}, {"show": "done", "after": "x"}])
def test_a_senseless_list_of_reviews_is_no_fault(four, rita, signed_in, query):
    assert signed_in(rita).get("/reviews/", query).status_code == 200


@pytest.mark.parametrize(
    ("show", "words"),
    [("to_do", "Nothing is assigned to you"), ("done", "Nothing is assigned to you")],
)
def test_an_empty_list_of_reviews_says_why(rita, signed_in, show, words):
    assert words in text(signed_in(rita).get("/reviews/", {"show": show}))


def test_candidates_names_are_not_in_the_reviews(four, rita, signed_in):
    for path in ("/", "/reviews/", "/reviews/?show=done"):
        assert "Carol" not in text(signed_in(rita).get(path))


def test_reviews_cost_the_same_queries_for_one_as_for_many(
    interview, rita, signed_in, django_assert_num_queries
):
    with_states(interview, "ready_for_review")
    give(Session.objects.get(), rita)
    client = signed_in(rita)
    with django_assert_num_queries(5):
        client.get("/reviews/")
    for number in range(30):
        session = factories.make_session(interview, alias=f"Wren {number}")
        Session.objects.filter(pk=session.pk).update(state="ready_for_review")
        give(session, rita)
    with django_assert_num_queries(5):
        assert len(client.get("/reviews/").context["page"].rows) == 31
