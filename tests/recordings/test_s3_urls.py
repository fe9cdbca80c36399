"""URLs of an S3 server: one per window whoever signs, as an attachment or inline, and revoked."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.core.cache import caches
from django.utils import timezone

from ops.authentication import member_principal
from recordings import s3_signers, services
from recordings.models import Recording, Rendition, UrlGrant
from recordings.storage import count_operations
from tests import factories

pytestmark = pytest.mark.django_db
ORIGINAL, PLAYBACK = b"what she sent", b"what is played"


@pytest.fixture(autouse=True)
def _empty_cache():
    caches["memory"].clear()


@pytest.fixture
def recording(response, s3, tmp_path):
    """A recording whose two objects are on the server."""
    row = factories.make_recording(response)
    row.storage_type, row.bucket = s3.kind, s3.bucket
    row.object_key = f"org/a/rec/{row.pk}/original"
    row.save()
    Rendition.objects.create(
        recording=row, kind="playback", object_key=f"org/a/rec/{row.pk}/playback.m4a",
        content_type="audio/mp4", size_bytes=len(PLAYBACK), sha256="1" * 64,
    )  # fmt: skip
    for key, content in (
        (row.object_key, ORIGINAL),
        (f"org/a/rec/{row.pk}/playback.m4a", PLAYBACK),
    ):
        file = tmp_path / "object"
        file.write_bytes(content)
        s3.put_file(file, key, content_type="text/html")  # what the server knows must not count
    return row


def issue(user, recording, rendition="playback", purpose="preview", now=None):
    (answer,) = services.issue_urls(
        principal=member_principal(user),
        recordings=[recording.pk],
        rendition=rendition,
        purpose=purpose,
        now=now or timezone.now(),
    )
    return answer


@pytest.mark.parametrize("signer", ["own", "boto3"])
@pytest.mark.parametrize(
    ("rendition", "purpose", "content", "disposition"),
    [
        ("playback", "preview", PLAYBACK, "inline"),
        ("playback", "download", PLAYBACK, "attachment"),
        ("original", "download", ORIGINAL, "attachment"),
        ("original", "preview", ORIGINAL, "attachment"),
    ],
)
def test_the_server_answers_as_the_purpose_says(
    recording, alice, settings, signer, rendition, purpose, content, disposition
):
    settings.S3_SIGNER = signer
    answer = httpx.get(issue(alice, recording, rendition, purpose).url)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-disposition"].startswith(f'{disposition}; filename="recording-')
    kind = "audio/mp4" if rendition == "playback" else recording.content_type
    assert answer.headers["content-type"] == kind


def test_a_player_may_ask_for_a_part(recording, alice):
    answer = httpx.get(issue(alice, recording).url, headers={"Range": "bytes=5-8"})
    assert (answer.status_code, answer.content) == (206, PLAYBACK[5:9])


@pytest.mark.parametrize("addressing", ["path", "virtual"])
def test_both_signers_give_the_same_url_all_window_long(recording, alice, settings, addressing):
    settings.S3_ADDRESSING_STYLE = addressing
    settings.S3_ENDPOINT_URL = "https://storage.example:9000"
    settings.URL_PURPOSES = {"preview": {"cache_s": 300}}
    start = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    urls = set()
    for signer in ("own", "boto3"):
        settings.S3_SIGNER = signer
        for minutes in (0, 2, 4.9):
            caches["memory"].clear()  # as in another process
            urls.add(issue(alice, recording, now=start + timedelta(minutes=minutes)).url)
    assert len(urls) == 1
    assert "X-Amz-Date=20261123T180000Z" in urls.pop()
    assert (
        "X-Amz-Date=20261123T180500Z"
        in issue(alice, recording, now=start + timedelta(minutes=5)).url
    )


def test_the_server_refuses_when_the_life_is_over(recording, alice, settings):
    settings.URL_PURPOSES = {"preview": {"lifetime_s": 60, "cache_s": 30}}
    past = timezone.now() - timedelta(seconds=91)
    assert httpx.get(issue(alice, recording, now=past).url).status_code == 403


def test_nothing_is_asked_of_the_server_and_each_url_is_counted(recording, alice):
    with count_operations() as made:
        issue(alice, recording)
    assert dict(made) == {"sign": 1}


def test_after_a_revocation_a_new_url_is_a_new_grant(recording, alice):
    issue(alice, recording)
    assert issue(alice, recording).cached
    assert services.revoke_url_grants(recordings=[recording.pk], now=timezone.now()) == 1
    assert not issue(alice, recording).cached
    assert UrlGrant.objects.filter(revoked_at=None).count() == 1


def test_who_lost_access_gets_no_new_url(recording, alice):
    issue(alice, recording)
    Recording.objects.update(state=Recording.State.DELETED)
    assert issue(alice, recording).code == "not_found"


def test_a_poster_comes_from_its_row(recording, alice):
    Rendition.objects.create(
        recording=recording, kind="poster", inline=b"jpeg", content_type="image/jpeg",
        size_bytes=4, sha256="2" * 64,
    )  # fmt: skip
    assert issue(alice, recording, "poster").url.startswith("/transfer/")


@pytest.mark.parametrize(("route", "content"), [("play", PLAYBACK), ("download", ORIGINAL)])
def test_the_routes_redirect_to_the_server(recording, alice, signed_in, route, content):
    key, session = recording.session.version.interview.key, recording.session_id
    path = f"/api/v1/interviewer/interviews/{key}/results/sessions/{session}/recordings/"
    answer = signed_in(alice).get(f"{path}{recording.pk}/{route}")
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "no-store"
    assert httpx.get(answer["Location"]).content == content


def test_a_role_without_a_key_in_the_settings_signs_with_its_token(settings, monkeypatch):
    settings.S3_ACCESS_KEY_ID = ""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t/t",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3_signers, "_session", [])
    key = s3_signers.signing_key()
    assert (key.access_key, key.secret_key, key.token) == ("ASIA", "s", "t/t")
    settings.S3_ENDPOINT_URL = "https://storage.example"
    signer = s3_signers.presigner("bucket")
    assert s3_signers.presigner("bucket") is signer
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert "X-Amz-Security-Token=t%2Ft&" in signer.presign("GET", "a", at=at, lifetime_s=60)
