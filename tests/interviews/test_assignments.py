"""Who reviews whom: by page and by REST, with mail, audit entries and a way back."""

import json
import re
import uuid

import pytest
from django.core import mail

from interviews import services
from interviews.models import Assignment, Candidate, Session
from interviews.selectors.assignments import reviewers_of
from ops.conflicts import StateConflict
from ops.models import AuditEntry
from ops.services import create_api_key
from tests import factories

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def assign(session, user, actor="test"):
    return services.assign_sessions(session_ids=[session.pk], member=user.membership, actor=actor)


@pytest.fixture
def base(interview):
    return f"/interviews/{interview.key}/"


@pytest.fixture
def page(base, session):
    return f"{base}sessions/{session.pk}/reviewers/"


# --- the service --------------------------------------------------------------------------------
def test_a_session_is_assigned_once_and_written_down_once(session, rita):
    assert len(assign(session, rita, actor="member:7")) == 1
    assert assign(session, rita) == []
    entry = AuditEntry.objects.get(action="review.assigned")
    assert (entry.actor, entry.subject_id) == ("member:7", str(session.pk))
    assert entry.detail == {"reviewer": rita.pk}


def test_a_session_of_another_organization_is_never_assigned(session, charlie):
    assert assign(session, charlie) == []
    assert not Assignment.objects.exists()


def test_who_has_left_is_given_nothing(session, rita, now):
    rita.membership.removed_at = now
    rita.membership.save()
    with pytest.raises(StateConflict, match="not a member"):
        assign(session, rita)


def test_an_erased_session_is_given_to_nobody(session, rita):
    Session.objects.update(state="erased")
    with pytest.raises(StateConflict, match="erased"):
        assign(session, rita)


def test_an_assignment_is_taken_back_and_given_again(session, rita):
    (assignment,) = assign(session, rita)
    for _ in range(2):
        services.unassign(assignment=assignment, actor="test")
    assert not Assignment.objects.exists()
    assert AuditEntry.objects.filter(action="review.unassigned").count() == 1
    assert assign(session, rita)


def test_what_was_reviewed_stays_assigned(session, rita, now):
    (assignment,) = assign(session, rita)
    services.note_review(session_id=session.pk, user_id=rita.pk, now=now)
    with pytest.raises(StateConflict, match="handed in"):
        services.unassign(assignment=assignment, actor="test")
    assert Assignment.objects.exists()


def test_who_left_is_among_the_reviewers_only_for_what_she_did(session, rita, bob, now):
    for user in (rita, bob):
        assign(session, user)
    services.note_review(session_id=session.pk, user_id=rita.pk, now=now)
    for user in (rita, bob):
        user.membership.removed_at = now
        user.membership.save()
    assert [row.reviewer_email for row in reviewers_of(session)] == [rita.email]


# --- the page -----------------------------------------------------------------------------------
def test_assigning_mails_the_reviewer_without_naming_the_candidate(
    page, session, alice, rita, signed_in
):
    client = signed_in(alice)
    answer = client.post(page, {"member": rita.membership.pk}, follow=True)
    assert "1 session was assigned to Rita." in text(answer)
    assert "1 of 2 reviewers" in text(answer)
    (message,) = mail.outbox
    assert message.to == [rita.email]
    everything = message.subject + message.body + message.alternatives[0][0]
    assert "Support engineer" in everything
    assert "/reviews/" in everything
    candidate = session.candidate
    for secret in (candidate.name, candidate.email, candidate.alias):
        assert secret not in everything


def test_whoever_assigns_to_herself_gets_no_mail(page, alice, signed_in):
    signed_in(alice).post(page, {"member": alice.membership.pk})
    assert Assignment.objects.get().member == alice.membership
    assert not mail.outbox


def test_a_mail_that_fails_costs_no_assignment_and_is_told(
    page, alice, rita, signed_in, settings, caplog
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer = signed_in(alice).post(page, {"member": rita.membership.pk}, follow=True)
    assert "could not be sent" in text(answer)
    assert Assignment.objects.exists()
    assert rita.email not in caplog.text


def test_taking_back_can_be_undone(page, session, alice, rita, signed_in):
    client = signed_in(alice)
    assign(session, rita)
    end = re.search(r'action="([^"]+/end/)"', text(client.get(page)))[1]
    after = client.post(end, follow=True)
    assert not Assignment.objects.exists()
    assert "taken back from Rita" in text(after)
    undo = re.search(r'name="member" value="(\d+)"', text(after))[1]
    assert "taken back" not in text(client.post(page, {"member": undo}, follow=True))
    assert Assignment.objects.get().member == rita.membership


def test_taking_back_a_review_that_is_in_is_refused_with_a_reason(
    base, page, session, alice, rita, signed_in, now
):
    (assignment,) = assign(session, rita)
    services.note_review(session_id=session.pk, user_id=rita.pk, now=now)
    client = signed_in(alice)
    assert "/end/" not in text(client.get(page))
    answer = client.post(f"{base}reviewers/{assignment.public_id}/end/", follow=True)
    assert "handed in already" in text(answer)


@pytest.mark.parametrize("member", ["", "x", "999999", "-1", str(10**30)])
def test_a_wrong_choice_is_told_beside_its_field(page, alice, signed_in, member):
    answer = signed_in(alice).post(page, {"member": member})
    assert "errorlist" in text(answer)
    assert not Assignment.objects.exists()


def test_a_stranger_can_not_be_chosen(page, alice, charlie, signed_in):
    answer = signed_in(alice).post(page, {"member": charlie.membership.pk})
    assert "errorlist" in text(answer)
    assert charlie.get_full_name() not in text(answer)
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("undo", ["x", "999999", "-1"])
def test_a_senseless_undo_is_no_fault(page, alice, signed_in, undo):
    assert signed_in(alice).get(page, {"undo": undo}).status_code == 200


def test_names_are_shown_as_they_are_and_run_nothing(page, session, alice, rita, signed_in):
    rita.name = "<script>alert(1)</script> محمد 🦊"
    rita.save()
    assign(session, rita)
    answer = text(signed_in(alice).get(page))
    assert "<script>alert" not in answer
    assert "محمد 🦊" in answer


def test_a_reviewer_neither_assigns_nor_sees_who_else_does(
    base, page, session, rita, bob, signed_in
):
    assign(session, rita)
    (assignment,) = assign(session, bob)
    client = signed_in(rita)
    assert client.get(page).status_code == 404
    assert client.post(page, {"member": rita.membership.pk}).status_code == 404
    data = {"session": [str(session.pk)], "member": rita.membership.pk}
    assert client.post(f"{base}reviewers/", data).status_code == 404
    assert client.post(f"{base}reviewers/{assignment.public_id}/end/").status_code == 404
    assert Assignment.objects.count() == 2


# --- several at once ----------------------------------------------------------------------------
def tick(client, base, sessions, member, **more):
    data = {"session": [str(each) for each in sessions], "member": member, **more}
    return client.post(f"{base}reviewers/", data, follow=True)


def test_several_sessions_are_assigned_at_once_with_one_mail(
    base, interview, alice, rita, signed_in
):
    sessions = [factories.make_session(interview, alias=f"Tern {n}").pk for n in range(3)]
    assign(Session.objects.get(pk=sessions[0]), rita)
    answer = tick(
        signed_in(alice), base, sessions, rita.membership.pk, back="state=in_progress&sort=oldest"
    )
    assert "2 sessions were assigned to Rita." in text(answer)
    assert answer.redirect_chain[-1][0] == f"{base}?state=in_progress&sort=oldest"
    assert Assignment.objects.count() == 3
    (message,) = mail.outbox
    assert "2 sessions" in message.body


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test", "\n\rx", "?next=//evil"])
def test_the_way_back_never_leaves_the_board(base, alice, signed_in, back):
    answer = signed_in(alice).post(f"{base}reviewers/", {"back": back})
    assert answer["Location"].startswith(f"{base}?")


@pytest.mark.parametrize(
    ("sessions", "member", "words"),
    [
        ([], True, "Tick the sessions first."),
        (["x"], True, "Enter a valid UUID."),
        ([str(uuid.uuid4())] * 101, True, "at most 100"),
        ([str(uuid.uuid4())], False, "Choose who is to review."),
    ],
)
def test_a_wrong_tick_is_told_and_assigns_nothing(
    base, alice, rita, signed_in, sessions, member, words
):
    answer = tick(signed_in(alice), base, sessions, rita.membership.pk if member else "")
    assert words in text(answer)
    assert not Assignment.objects.exists()


def test_one_foreign_session_among_the_ticked_assigns_none(
    base, session, alice, rita, charlie, signed_in
):
    rival = factories.make_interview(charlie.membership.organization)
    foreign = factories.make_session(rival)
    answer = tick(signed_in(alice), base, [session.pk, foreign.pk], rita.membership.pk)
    assert answer.status_code == 404
    assert not Assignment.objects.exists()


# --- REST ---------------------------------------------------------------------------------------
@pytest.fixture
def api(interview):
    return f"/api/v1/interviewer/interviews/{interview.key}/assignments"


@pytest.fixture
def client_with(now):
    """client_with(user, *scopes) -> headers of a key."""

    def headers(user, *scopes):
        _, key = create_api_key(user=user, name="test", scopes=list(scopes), now=now)
        return {"Authorization": f"Bearer {key}"}

    return headers


def post(client, api, headers, **body):
    return client.post(api, json.dumps(body), content_type="application/json", headers=headers)


def test_a_program_assigns_lists_and_takes_back(client, api, session, alice, rita, client_with):
    key = client_with(alice, "interviews:write", "results:read")
    made = post(client, api, key, session_ids=[str(session.pk)], reviewer="RITA@acme.test")
    assert made.status_code == 201
    assert not made.json()["mail_failed"]
    (row,) = made.json()["assignments"]
    assert row["session_id"] == str(session.pk)
    assert row["reviewer"] == rita.email
    assert row["reviewed_at"] is None
    assert len(mail.outbox) == 1
    again = post(client, api, key, session_ids=[str(session.pk)], reviewer=rita.email)
    assert again.json()["assignments"] == []
    for query in ("", f"?session={session.pk}", f"?reviewer={rita.email}"):
        assert client.get(api + query, headers=key).json()["results"] == [row]
    for query in (f"?session={uuid.uuid4()}", "?reviewer=bob@acme.test"):
        assert client.get(api + query, headers=key).json()["results"] == []
    assert client.delete(f"{api}/{row['id']}", headers=key).status_code == 204
    assert client.delete(f"{api}/{row['id']}", headers=key).status_code == 404
    assert not Assignment.objects.exists()


def test_a_program_may_do_without_the_mail(client, api, session, alice, rita, client_with):
    key = client_with(alice, "interviews:write")
    post(
        client,
        api,
        key,
        session_ids=[str(session.pk)],
        reviewer=rita.email,
        send_email=False,
    )
    assert Assignment.objects.exists()
    assert not mail.outbox


def test_the_same_key_assigns_and_mails_once(client, api, session, alice, rita, client_with):
    key = client_with(alice, "interviews:write") | {"Idempotency-Key": "once"}
    answers = [
        post(client, api, key, session_ids=[str(session.pk)], reviewer=rita.email) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"session_ids": [], "reviewer": "rita@acme.test"},
        {"session_ids": ["x"], "reviewer": "rita@acme.test"},
        {"session_ids": [str(uuid.uuid4())] * 101, "reviewer": "rita@acme.test"},
        {"session_ids": "all", "reviewer": "rita@acme.test"},
        {"session_ids": ["{session}"], "reviewer": "nobody@acme.test"},
        {"session_ids": ["{session}"], "reviewer": "charlie@rival.test"},
        {"session_ids": ["{session}"], "reviewer": "rita@acme.test", "send_email": "perhaps"},
    ],
)
def test_a_wrong_body_is_explained(client, api, session, alice, rita, charlie, client_with, body):
    sent = json.loads(json.dumps(body).replace("{session}", str(session.pk)))
    answer = post(client, api, client_with(alice, "interviews:write"), **sent)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Assignment.objects.exists()


def test_a_session_that_is_not_there_is_a_404(client, api, alice, rita, client_with):
    key = client_with(alice, "interviews:write")
    answer = post(client, api, key, session_ids=[str(uuid.uuid4())], reviewer=rita.email)
    assert answer.status_code == 404


def test_taking_back_what_was_reviewed_is_a_conflict(
    client, api, session, alice, rita, client_with, now
):
    (assignment,) = assign(session, rita)
    services.note_review(session_id=session.pk, user_id=rita.pk, now=now)
    key = client_with(alice, "interviews:write")
    answer = client.delete(f"{api}/{assignment.public_id}", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "review_submitted")


def test_assignments_need_the_scope_of_inviting(client, api, session, alice, client_with):
    reader, writer = (client_with(alice, s) for s in ("results:read", "interviews:write"))
    assert client.get(api, headers=writer).status_code == 200
    assert client.get(api, headers=reader).status_code == 403
    assert post(client, api, reader).status_code == 403


def test_the_list_costs_the_same_queries_for_one_as_for_many(
    client, api, interview, alice, rita, client_with, django_assert_num_queries
):
    key = client_with(alice, "interviews:write")

    def fill(start, end):
        for number in range(start, end):
            assign(factories.make_session(interview, alias=f"Tern {number}"), rita)

    fill(0, 2)
    client.get(api, headers=key)
    with django_assert_num_queries(4):
        client.get(api, headers=key)
    fill(2, 60)
    with django_assert_num_queries(4):
        assert len(client.get(f"{api}?page_size=100", headers=key).json()["results"]) == 60
    assert Candidate.objects.count() == 60
