"""REST: the candidate's upload from take to recording, and members' URLs."""

from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from interviews import candidate_cookie
from ops.failures import by_code
from recordings.models import Recording, Rendition, Upload
from recordings.services.transfers import mark_received
from recordings.storage import get_store
from tests import factories

pytestmark = pytest.mark.django_db
DATA = b"OggS" + b"sound" * 50
JSON = "application/json"


@pytest.fixture
def carol(session):
    """A browser that came in by the link of `session`."""
    answer = HttpResponse()
    candidate_cookie.set_cookie(answer, session, now=timezone.now())
    client = Client()
    client.cookies = answer.cookies
    return client


def post(client, path, **body):
    return client.post(f"/api/v1/candidate/{path}", body, content_type=JSON)


@pytest.fixture
def started(carol, response):
    answer = post(carol, f"responses/{response.pk}/takes", mode="audio")
    assert answer.status_code == 201, answer.content
    return answer.json()


def ask(client, take, **changes):
    body = {"bytes": len(DATA), "content_type": "audio/ogg"} | changes
    return post(client, f"takes/{take['id']}/upload", **body)


def test_a_take_is_uploaded_and_completed(carol, started):
    given = ask(carol, started)
    assert given.status_code == 201
    document = given.json()
    assert document["url"].startswith("http://testserver/transfer/")
    assert given["Cache-Control"] == "no-store"
    upload = Upload.objects.get(pk=document["upload_id"])
    state = carol.get(f"/api/v1/candidate/uploads/{upload.pk}").json()
    assert (state["state"], state["received_bytes"]) == ("granted", 0)
    with get_store().receive(upload.object_key) as incoming:
        incoming.write(DATA)
        incoming.finish()
    mark_received(upload_id=upload.pk, sha256=incoming.sha256)
    answers = [post(carol, f"uploads/{upload.pk}/complete") for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    state = carol.get(f"/api/v1/candidate/uploads/{upload.pk}").json()
    assert state["recording_id"] == answers[0].json()["recording_id"]
    assert state["received_bytes"] == len(DATA)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"bytes": 0}, 422, "invalid_media"),
        ({"bytes": 2**40}, 413, "media_too_large"),
        ({"content_type": "text/html"}, 415, "media_type_refused"),
        ({"bytes": "many"}, 400, "invalid_input"),
        ({"sha256": "short"}, 400, "invalid_input"),
    ],
)
def test_what_can_not_be_uploaded_is_refused_by_its_code(carol, started, changes, status, code):
    answer = ask(carol, started, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_over_quota_is_413_with_its_suggestion(carol, started, settings):
    settings.SESSION_QUOTA_BYTES = 10
    answer = ask(carol, started)
    assert answer.status_code == 413
    assert answer.json()["suggestion"] == by_code("session_quota_full").suggestion


def test_what_the_state_forbids_is_409(carol, started, response):
    answer = post(carol, f"uploads/{ask(carol, started).json()['upload_id']}/complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_not_received")
    post(carol, f"responses/{response.pk}/takes", mode="audio")
    answer = post(carol, f"responses/{response.pk}/takes", mode="audio")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_takes_left")


def test_a_technical_failure_is_reported(carol, started):
    path = f"takes/{started['id']}/technical-failure"
    answer = post(carol, path, reason="device_lost")
    assert (answer.json()["state"], answer.json()["is_counted"]) == ("technical_failed", False)
    assert post(carol, path, reason="<script>").status_code == 400


def test_another_candidates_things_do_not_exist(carol, interview):
    other = factories.make_session(interview, alias="Wren 7").responses.first()
    paths = [f"responses/{other.pk}/takes", f"responses/{uuid4()}/takes", f"takes/{uuid4()}/upload"]
    bodies = {"mode": "audio", "bytes": 5, "content_type": "audio/ogg"}
    answers = [post(carol, path, **bodies) for path in paths]
    assert {a.status_code for a in answers} == {404}
    assert len({a.content for a in answers}) == 1


def test_members_and_strangers_can_not_record(alice, signed_in, response):
    for client in (signed_in(alice), Client()):
        answer = post(client, f"responses/{response.pk}/takes", mode="audio")
        assert answer.status_code in (401, 403)


@pytest.fixture
def recording(response):
    recording = factories.make_recording(response)
    Rendition.objects.create(
        recording=recording,
        kind="playback",
        object_key="org/a/rec/b/playback.m4a",
        content_type="audio/mp4",
        size_bytes=10,
        sha256="1" * 64,
    )
    return recording


def results(recording):
    key = recording.session.version.interview.key
    return f"/api/v1/interviewer/interviews/{key}/results"


def generate(client, recording, *ids, **body):
    body = {"recording_ids": [str(i) for i in ids], "purpose": "preview"} | body
    return client.post(f"{results(recording)}/recordings/generate-url", body, content_type=JSON)


def test_urls_come_with_the_reasons_for_those_that_do_not(recording, alice, signed_in):
    strange = uuid4()
    answer = generate(signed_in(alice), recording, recording.pk, strange)
    assert answer.status_code == 200
    (url,) = answer.json()["urls"]
    (error,) = answer.json()["errors"]
    assert url["recording_id"] == str(recording.pk)
    assert url["url"].startswith("http://testserver/transfer/")
    assert (error["recording_id"], error["code"]) == (str(strange), "not_found")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body", [{"purpose": "fun"}, {"rendition": "x"}, {"recording_ids": []}, {"recording_ids": "a"}]
)
def test_nonsense_is_400(recording, alice, signed_in, body):
    assert generate(signed_in(alice), recording, recording.pk, **body).status_code == 400


def test_more_than_a_hundred_are_400(recording, alice, signed_in):
    ids = [uuid4() for _ in range(101)]
    assert generate(signed_in(alice), recording, *ids).status_code == 400


def test_playing_and_downloading_redirect(recording, alice, signed_in):
    base = f"{results(recording)}/sessions/{recording.session_id}/recordings/{recording.pk}"
    old = (
        f"/api/v1/interviewer/{recording.session.version.interview.key}/results/"
        f"{recording.session_id}/recordings/{recording.pk}/download"
    )
    for path in (f"{base}/play", f"{base}/download", old):
        answer = signed_in(alice).get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/transfer/")
        assert answer["Cache-Control"] == "no-store"
    Recording.objects.update(state="refused")
    assert signed_in(alice).get(f"{base}/play").status_code == 404


def test_a_stranger_finds_nothing(recording, charlie, signed_in):
    base = f"{results(recording)}/sessions/{recording.session_id}/recordings/{recording.pk}"
    stranger = signed_in(charlie)
    assert generate(stranger, recording, recording.pk).status_code == 404
    assert stranger.get(f"{base}/play").status_code == 404
    assert stranger.get(f"{base}/download").status_code == 404
