"""Inviting by program: one, many, a link for many; each link is in one answer only."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from interviews import services
from interviews.models import Invitation
from ops.models import IdempotencyRecord

HEAD = "name,email,external_id\n"


@pytest.fixture
def base(interview):
    return f"/api/v1/interviewer/interviews/{interview.key}/invitations"


@pytest.fixture
def program(alice, signed_in):
    return signed_in(alice)


def post(program, path, body=None, key=None, content_type="application/json"):
    headers = {"Idempotency-Key": key} if key else {}
    data = json.dumps(body or {}) if content_type == "application/json" else body
    return program.post(path, data, content_type=content_type, headers=headers)


def opens(link):
    return Client().get("/i/" + link.split("/i/")[1]).status_code == 200


def test_one_person_is_invited_and_mailed(program, base):
    body = {"name": "Carol", "email": "carol@example.org", "send_email": True, "days": 3}
    answer = post(program, base, body)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["kind"], told["mail_state"]) == ("invited", "personal", "sent")
    assert opens(told["link"])
    assert told["link"] in mail.outbox[0].body
    assert "no-store" in answer["Cache-Control"]


def test_a_link_for_many_is_made(program, base):
    told = post(program, base, {"kind": "open", "label": "Our page", "max_uses": 3}).json()
    assert (told["kind"], told["max_uses"], told["uses"]) == ("open", 3, 0)
    assert opens(told["link"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x" * 500}, "name"),
        ({"name": ["Carol"]}, "name"),
        ({"name": "Carol", "email": "nobody"}, "email"),
        ({"name": "Carol", "days": 0}, "days"),
        ({"name": "Carol", "days": "soon"}, "days"),
        ({"name": "Carol", "kind": "secret"}, "kind"),
        ({"kind": "open", "label": "x"}, "max_uses"),
    ],
)
def test_wrong_input_names_its_field(program, base, body, field):
    answer = post(program, base, body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Invitation.objects.exists()


def test_a_csv_body_is_reported_row_by_row(program, base):
    data = HEAD + "Carol 🦊,c@example.org,K-7\nDora,nobody,\n"
    answer = post(program, f"{base}?days=3", data, content_type="text/csv")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["invited"], told["refused"], told["not_mailed"]) == (1, 1, 0)
    good, bad = told["rows"]
    assert opens(good["link"])
    assert (bad["link"], bad["invitation_id"]) == (None, None)
    assert "not an e-mail address" in bad["problem"]


@pytest.mark.parametrize("data", [" ", "a,b\n1,2\n", HEAD + "P,p@example.org,\n" * 1_001])
def test_a_csv_body_that_can_not_be_read_invites_nobody(program, base, data):
    answer = post(program, base, data, content_type="text/csv")
    assert answer.status_code == 400
    assert answer.json()["errors"]["csv"]
    assert not Invitation.objects.exists()


def test_a_csv_body_has_a_bound(program, base):
    data = "x" * (1024 * 1024 + 1)
    assert post(program, base, data, content_type="text/csv").status_code == 413


@pytest.mark.parametrize("body", [{"name": "Carol"}, HEAD + "Carol,c@example.org,\n"])
def test_sent_again_it_invites_once_and_the_link_is_kept_nowhere(program, base, body):
    kind = "text/csv" if isinstance(body, str) else "application/json"
    first = post(program, base, body, key="k", content_type=kind)
    again = post(program, base, body, key="k", content_type=kind)
    assert again["Idempotency-Replayed"] == "true"
    assert Invitation.objects.count() == 1
    first_link = (first.json().get("rows") or [first.json()])[0]["link"]
    assert (again.json().get("rows") or [again.json()])[0]["link"] is None
    assert first_link not in json.dumps(IdempotencyRecord.objects.get().answer)


def test_an_invitation_is_renewed_extended_and_revoked(program, base, invitation):
    path = f"{base}/{invitation[0].pk}"
    told = post(program, f"{path}/resend").json()
    assert opens(told["link"])
    assert told["link"] in mail.outbox[0].body
    assert services.find_invitation(token=invitation[1], now=invitation[0].created_at) is None
    later = post(program, f"{path}/extend", {"days": 30}).json()["expires_at"]
    assert later > told["expires_at"]
    assert post(program, f"{path}/revoke").json()["state"] == "revoked"
    for step in ("resend", "extend"):
        answer = post(program, f"{path}/{step}")
        assert answer.status_code == 409
        assert answer.json()["code"] == "invitation_revoked"


def test_an_expired_one_is_extended_before_it_is_sent_again(program, base, invitation, now):
    Invitation.objects.update(expires_at=now - timedelta(days=1))
    path = f"{base}/{invitation[0].pk}"
    assert post(program, f"{path}/resend").json()["code"] == "deadline_passed"
    assert post(program, f"{path}/extend", {"days": 2}).json()["state"] == "invited"
    assert post(program, f"{path}/resend", {"send_email": False}).status_code == 200
    assert not mail.outbox


def test_strangers_reviewers_and_visitors_invite_nobody(base, invitation, rita, charlie, signed_in):
    path = f"{base}/{invitation[0].pk}"
    for user in (rita, charlie):
        there = signed_in(user)
        assert post(there, base, {"name": "Carol"}).status_code == 404
        for step in ("resend", "extend", "revoke"):
            assert post(there, f"{path}/{step}").status_code == 404
    assert post(Client(), base, {"name": "Carol"}).status_code in (401, 403)
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_a_browser_may_send_a_csv_with_an_idempotency_key(alice, interview):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.cookies["csrftoken"] = token = "t" * 32
    answers = [
        client.post(
            f"/api/v1/interviewer/interviews/{interview.key}/invitations?days=3",
            "name,email\nAda,ada@example.org\n",
            content_type="text/csv",
            headers={"X-CSRFToken": token, "Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert interview.invitations.count() == 1


def test_invitations_are_listed_newest_first_in_pages(program, base):
    for name in ("Ada", "Bea", "Cara"):
        post(program, base, {"name": name, "external_id": f"N-{name}"})
    page = program.get(f"{base}?page_size=2").json()
    assert [each["name"] for each in page["results"]] == ["Cara", "Bea"]
    assert "link" not in page["results"][0]
    rest = program.get(page["next"]).json()
    assert [each["name"] for each in rest["results"]] == ["Ada"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=ad", ["Ada"]),
        ("external_id=N-Bea", ["Bea"]),
        ("external_id=N-B", []),
        ("state=invited", ["Bea", "Ada"]),
        ("state=revoked", ["Cara"]),
        ("state=invited&q=ad", ["Ada"]),
    ],
)
def test_invitations_are_looked_for(program, base, query, names):
    for name in ("Ada", "Bea", "Cara"):
        made = post(program, base, {"name": name, "external_id": f"N-{name}"}).json()
    post(program, f"{base}/{made['id']}/revoke")
    found = program.get(f"{base}?{query}").json()["results"]
    assert [each["name"] for each in found] == names


@pytest.mark.parametrize("query", ["state=lost", "page_size=101", "cursor=x", "q=" + "x" * 201])
def test_a_list_is_asked_for_in_words_that_it_knows(program, base, query):
    answer = program.get(f"{base}?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["errors"]


def test_one_invitation_is_read_without_its_link(program, base):
    made = post(program, base, {"name": "Ada"}).json()
    answer = program.get(f"{base}/{made['id']}")
    del made["link"]
    assert answer.json() == made
    again = program.get(f"{base}/{made['id']}", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


# --- coming in by a link for many, by REST ------------------------------------------------------
START = "/api/v1/candidate/start"


@pytest.fixture
def open_token(program, base):
    body = {"kind": "open", "label": "Our page", "max_uses": 2}
    return post(program, base, body).json()["link"].rstrip("/").split("/i/")[1]


def start(browser, token, **body):
    return browser.post(START, json.dumps({"token": token, **body}), "application/json")


def test_a_newcomer_says_who_she_is_and_gets_a_link_of_her_own(open_token, interview):
    browser = Client()
    answer = start(browser, open_token, name="Dora", email="dora@example.org")
    assert answer.status_code == 200
    told = answer.json()
    assert opens(told["link"])
    assert told["link"] in mail.outbox[0].body
    assert browser.get("/api/v1/candidate/session").json()["id"] == told["session"]["id"]
    own = told["link"].rstrip("/").split("/i/")[1]
    back = start(Client(), own).json()
    assert (back["session"]["id"], back["link"]) == (told["session"]["id"], None)


def test_asked_twice_it_is_the_same_interview(open_token):
    browser = Client()
    ids = {start(browser, open_token, name="Dora").json()["session"]["id"] for _ in range(3)}
    assert len(ids) == 1


def test_a_link_for_many_says_what_it_needs_and_how_many_it_takes(open_token):
    answer = start(Client(), open_token)
    assert answer.status_code == 400
    assert "many people" in answer.json()["errors"]["name"][0]
    assert "email" in start(Client(), open_token, name="x", email="nobody").json()["errors"]
    assert Invitation.objects.count() == 1
    for name in ("Dora", "Eve"):
        assert start(Client(), open_token, name=name).status_code == 200
    assert start(Client(), open_token, name="Fay").status_code == 404


def test_the_number_that_a_client_knows_somebody_by_goes_with_her(program, base, interview):
    link = post(program, base, {"name": "Ada", "external_id": "N-1"}).json()["link"]
    start(Client(), link.rstrip("/").split("/i/")[1])
    sessions = base.replace("invitations", "results/sessions")
    for query, count in (("external_id=N-1", 1), ("external_id=N-2", 0)):
        assert len(program.get(f"{sessions}?{query}").json()["results"]) == count
