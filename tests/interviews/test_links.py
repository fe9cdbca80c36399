"""Links over their life: many at once, for many, renewed, extended, revoked, mailed."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from interviews import services
from interviews.models import Candidate, Invitation, Session
from interviews.selectors.invitations import InvitationFilter, invitation_page
from ops.conflicts import StateConflict
from ops.models import AuditEntry
from tests import factories

HEAD = "name,email,external_id\n"
WEEK = timedelta(days=7)


def sheet(interview, now, text):
    return services.invite_sheet(
        interview=interview, data=text.encode(), expires_at=now + WEEK, now=now
    )


@pytest.fixture
def open_link(interview, now):
    return services.create_open_link(
        interview=interview, label="Our page", max_uses=2, expires_at=now + WEEK, now=now
    )


def enter(link, now, name="Nora"):
    return services.start_by_open_link(
        invitation=link.invitation, person=services.Person(name=name), now=now
    )


def states(interview, now, **wanted):
    page = invitation_page(interview, InvitationFilter(**wanted), before=None, now=now)
    return [row.state for row in page.rows]


def test_right_rows_are_invited_and_the_others_told_why(interview, now):
    report = sheet(interview, now, HEAD + "Carol,c@example.org,K-7\nDora,nobody,\n")
    assert [bool(each.link) for each in report.rows] == [True, False]
    assert Candidate.objects.get().external_id == "K-7"
    token = report.links[0].token
    assert services.find_invitation(token=token, now=now).candidate.name == "Carol"
    assert token in report.as_csv()
    assert "not an e-mail address" in report.as_csv()


def test_who_is_invited_already_is_not_invited_again(interview, now):
    text = HEAD + "Carol,c@example.org,\n"
    sheet(interview, now, text)
    report = sheet(interview, now, text.replace("c@", "C@"))
    assert "Already invited to this interview, as" in report.rows[0].problem
    assert Invitation.objects.count() == 1


def test_after_a_revocation_somebody_may_be_invited_again(interview, now):
    text = HEAD + "Carol,c@example.org,\n"
    link = sheet(interview, now, text).links[0]
    services.revoke_invitation(invitation=link.invitation, now=now)
    assert sheet(interview, now, text).links


def test_a_thousand_people_cost_as_few_queries_as_ten(
    interview, now, django_assert_max_num_queries
):
    rows = "".join(f"Person {n},p{n}@example.org,\n" for n in range(1_000))
    with django_assert_max_num_queries(40):  # rows go in batches
        report = sheet(interview, now, HEAD + rows)
    assert len(report.links) == 1_000
    assert Candidate.objects.values("alias").distinct().count() == 1_000


def test_a_draft_takes_no_sheet(interview, now):
    interview.state = "draft"
    with pytest.raises(StateConflict):
        sheet(interview, now, HEAD + "Carol,c@example.org,\n")
    assert not Candidate.objects.exists()


def test_an_open_link_gives_each_newcomer_a_link_of_her_own(open_link, now):
    link, session = enter(open_link, now)
    assert link.token != open_link.token
    assert session.invitation.open_link == open_link.invitation
    assert services.find_invitation(token=link.token, now=now).session == session
    assert link.invitation.expires_at == open_link.invitation.expires_at


def test_an_open_link_is_used_up_after_its_number_of_uses(open_link, now):
    for name in ("Nora", "Olga"):
        assert services.find_invitation(token=open_link.token, now=now)
        enter(open_link, now, name)
    assert services.find_invitation(token=open_link.token, now=now) is None
    with pytest.raises(StateConflict) as refused:
        enter(open_link, now)
    assert refused.value.code == "link_used_up"
    assert Candidate.objects.count() == 2


@pytest.mark.parametrize("changes", [{"revoked": True}, {"later": WEEK}])
def test_an_ended_open_link_takes_nobody(open_link, now, changes):
    if changes.get("revoked"):
        services.revoke_invitation(invitation=open_link.invitation, now=now)
    now += changes.get("later", timedelta())
    assert services.find_invitation(token=open_link.token, now=now) is None
    with pytest.raises(StateConflict):
        enter(open_link, now)


def test_a_closed_interview_makes_no_candidate_by_an_open_link(open_link, interview, now):
    interview.versions.update(state="closed")
    with pytest.raises(StateConflict):
        enter(open_link, now)
    assert not Candidate.objects.exists()


def test_a_new_link_replaces_the_old_and_resumes_the_same_session(invitation, started, now):
    link = services.renew_link(invitation=invitation[0], now=now)
    assert services.find_invitation(token=invitation[1], now=now) is None
    assert services.find_invitation(token=link.token, now=now).session == started


@pytest.mark.parametrize("why", ["revoked", "expired"])
def test_an_ended_invitation_gets_no_new_link(invitation, now, why):
    if why == "revoked":
        services.revoke_invitation(invitation=invitation[0], now=now)
    else:
        now = invitation[0].expires_at
    with pytest.raises(StateConflict):
        services.renew_link(invitation=invitation[0], now=now)


def test_extending_moves_the_deadline_of_what_was_begun(agreed, responses, now):
    later = agreed.deadline_at + WEEK
    services.extend_invitation(invitation=agreed.invitation, expires_at=later, now=now)
    services.submit_text(response=responses[0], text="I asked.", now=later - timedelta(hours=1))
    assert Session.objects.get().deadline_at == later


def test_an_expired_session_goes_on_when_it_is_extended(agreed, responses, now):
    late = agreed.deadline_at
    services.end_overdue_sessions(now=late)
    assert Session.objects.get().state == "expired"
    services.extend_invitation(invitation=agreed.invitation, expires_at=late + WEEK, now=late)
    services.submit_text(response=responses[0], text="I asked.", now=late)
    assert Session.objects.get().state == "in_progress"


@pytest.mark.parametrize(
    ("days", "code"), [(0, "deadline_passed"), (-1, "deadline_passed"), (181, "deadline_too_far")]
)
def test_a_deadline_is_in_the_future_and_not_too_far(invitation, now, days, code):
    with pytest.raises(StateConflict) as refused:
        services.extend_invitation(
            invitation=invitation[0], expires_at=now + timedelta(days=days), now=now
        )
    assert refused.value.code == code


def test_what_was_handed_in_is_not_extended(agreed, now):
    Session.objects.update(state="submitted")
    with pytest.raises(StateConflict) as refused:
        services.extend_invitation(invitation=agreed.invitation, expires_at=now + WEEK, now=now)
    assert refused.value.code == "session_submitted"


def test_revoking_ends_link_and_session_for_good(agreed, invitation, now):
    services.revoke_invitation(invitation=invitation[0], now=now)
    services.revoke_invitation(invitation=invitation[0], now=now + WEEK)
    assert Invitation.objects.get().revoked_at == now
    assert Session.objects.get().state == "expired"
    assert services.find_invitation(token=invitation[1], now=now) is None
    with pytest.raises(StateConflict):
        services.extend_invitation(invitation=invitation[0], expires_at=now + WEEK, now=now)
    assert AuditEntry.objects.filter(action="invitation.revoked").count() == 1


def test_revoking_leaves_what_was_handed_in(agreed, invitation, now):
    Session.objects.update(state="ready_for_review")
    services.revoke_invitation(invitation=invitation[0], now=now)
    assert Session.objects.get().state == "ready_for_review"


@pytest.mark.parametrize("step", ["question", "text", "submit", "rest"])
def test_revoked_in_mid_answer_the_pages_and_rest_open_nothing(agreed, invitation, now, step):
    carol = Client()
    carol.post(f"/i/{invitation[1]}/start/")
    assert carol.get("/interview/questions/1/").status_code == 200
    services.revoke_invitation(invitation=invitation[0], now=now)
    answer = {
        "question": lambda: carol.get("/interview/questions/1/"),
        "text": lambda: carol.post("/interview/questions/1/text/", {"text": "I asked."}),
        "submit": lambda: carol.post("/interview/submit/"),
        "rest": lambda: carol.get("/api/v1/candidate/session"),
    }[step]()
    assert answer.status_code == (401 if step == "rest" else 410)  # her own cookie: told why
    assert not agreed.responses.exclude(text="").exists()


def test_after_the_deadline_the_candidate_reads_what_became_of_it(agreed, invitation, now):
    carol = Client()
    carol.post(f"/i/{invitation[1]}/start/")
    Session.objects.update(deadline_at=now)
    answer = carol.post("/interview/questions/1/text/", {"text": "I asked."})
    assert answer["Location"] == "/interview/done/"
    services.end_overdue_sessions(now=now)
    assert carol.get("/interview/done/").status_code == 200
    assert carol.get("/interview/questions/1/")["Location"] == "/interview/done/"


def test_mail_goes_out_as_text_and_html_and_is_noted(interview, now):
    links = sheet(interview, now, HEAD + "<b>Carol</b>,c@example.org,\n").links
    assert services.send_links(links=links, now=now) == []
    (message,) = mail.outbox
    (html, kind) = message.alternatives[0]
    assert message.to == ["c@example.org"]
    assert kind == "text/html"
    assert links[0].url in message.body
    assert links[0].url in html
    assert "<b>Carol" in message.body
    assert "&lt;b&gt;Carol" in html
    assert Invitation.objects.get().mail_state == "sent"


def test_a_title_with_a_line_break_makes_no_header(interview, now):
    interview.title = "Engineer\nBcc: everybody@example.org"
    links = sheet(interview, now, HEAD + "Carol,c@example.org,\n").links
    services.send_links(links=links, now=now)
    assert "\n" not in mail.outbox[0].subject


def test_a_mail_server_that_is_down_costs_no_invitation(interview, now, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    links = sheet(interview, now, HEAD + "Carol,c@example.org,\n").links
    assert services.send_links(links=links, now=now) == links
    assert Invitation.objects.get().mail_state == "failed"
    assert services.find_invitation(token=links[0].token, now=now)
    assert "mail server" in caplog.text


def test_who_has_no_address_gets_no_mail(interview, now):
    (link,) = services.invite_people(
        interview=interview, people=[services.Person(name="Carol")], expires_at=now + WEEK, now=now
    )
    assert services.send_links(links=[link], now=now) == []
    assert not mail.outbox
    assert Invitation.objects.get().mail_state == ""


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (None, "invited"),
        ("invited", "opened"),
        ("consented", "opened"),
        ("in_progress", "started"),
        ("submitted", "submitted"),
        ("ready_for_review", "submitted"),
        ("expired", "expired"),
    ],
)
def test_the_list_says_how_far_somebody_went(interview, now, state, standing):
    if state is None:
        factories.make_invitation(interview)
    else:
        factories.make_session(interview)
        Session.objects.update(state=state)
    assert states(interview, now) == [standing]
    assert states(interview, now, state=standing) == [standing]
    assert states(interview, now, state="revoked") == []
    Invitation.objects.update(revoked_at=now)
    assert states(interview, now) == ["revoked"]


def test_the_list_says_that_a_link_was_opened_and_no_more(interview, now):
    invitation, _ = factories.make_invitation(interview)
    services.note_opened(invitation=invitation, now=now)
    assert states(interview, now) == ["opened"]


def test_a_link_nobody_used_expires_in_the_list(interview, now):
    factories.make_invitation(interview)
    assert states(interview, now + WEEK + timedelta(minutes=1)) == ["expired"]


def test_a_used_open_link_counts_its_people(interview, open_link, now):
    enter(open_link, now)
    page = invitation_page(interview, InvitationFilter(search="page"), before=None, now=now)
    assert [(row.uses, row.max_uses, row.state) for row in page.rows] == [(1, 2, "opened")]


def test_pages_follow_each_other_without_gap_or_double(
    interview, now, django_assert_max_num_queries
):
    rows = "".join(f"Person {n},p{n}@example.org,\n" for n in range(120))
    sheet(interview, now, HEAD + rows)
    seen, before = [], None
    while True:
        with django_assert_max_num_queries(2):
            page = invitation_page(interview, InvitationFilter(), before=before, now=now)
        seen += [row.id for row in page.rows]
        before = page.older
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 120
