"""GET: by a grant that lives, in pieces, with headers that keep a stranger's bytes harmless."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from interviews.models import Session
from ops.authentication import member_principal
from ops.models import UsageEntry
from recordings import services, transfer
from recordings.models import Recording, Rendition, UrlGrant
from recordings.storage import get_store, rendition_key

DATA = bytes(range(256)) * 4096  # 1 MiB

# Threads of the app have connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def recording(recorded, take, tmp_path):
    recording = recorded(take, DATA)
    key = rendition_key(recording.session.organization_id, recording.pk, "playback", "m4a")
    path = tmp_path / "playback"
    path.write_bytes(DATA)
    get_store().put_file(path, key)
    Rendition.objects.create(
        recording=recording,
        kind="playback",
        object_key=key,
        content_type="audio/mp4",
        size_bytes=len(DATA),
        sha256="1" * 64,
    )
    return recording


@pytest.fixture
def url(recording, alice):
    def give(rendition="playback", purpose="preview"):
        (issued,) = services.issue_urls(
            principal=member_principal(alice),
            recordings=[recording.pk],
            rendition=rendition,
            purpose=purpose,
            now=timezone.now(),
        )
        return issued.url

    return give


def test_a_rendition_is_shown_inline_in_bounded_pieces(http, url):
    answer = http("GET", url())
    assert (answer.status, answer.body) == (200, DATA)
    assert max(map(len, answer.pieces)) <= 256 * 1024
    assert answer.headers["content-type"] == "audio/mp4"
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["content-disposition"].startswith("inline;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("purpose", ["download", "preview", "batch"])
def test_an_original_is_never_rendered(http, url, purpose):
    answer = http("GET", url("original", purpose))
    assert answer.body == DATA
    assert answer.headers["content-disposition"].startswith("attachment;")


def test_a_download_is_an_attachment(http, url):
    disposition = http("GET", url(purpose="download")).headers["content-disposition"]
    assert disposition.startswith("attachment;")


def test_head_says_the_same_without_the_bytes(http, url):
    answer = http("HEAD", url())
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize(
    ("asked", "span", "part"),
    [
        ("bytes=0-9", "bytes 0-9", DATA[:10]),
        ("bytes=300000-700000", "bytes 300000-700000", DATA[300000:700001]),
        ("bytes=-5", f"bytes {len(DATA) - 5}-{len(DATA) - 1}", DATA[-5:]),
    ],
)
def test_a_part_is_206(http, url, asked, span, part):
    answer = http("GET", url(), headers={"Range": asked})
    assert (answer.status, answer.body) == (206, part)
    assert answer.headers["content-range"] == f"{span}/{len(DATA)}"
    assert answer.headers["content-length"] == str(len(part))


def test_outside_is_416(http, url):
    answer = http("GET", url(), headers={"Range": f"bytes={len(DATA)}-"})
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


def test_a_range_of_another_version_gives_the_whole(http, url):
    headers = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert http("GET", url(), headers=headers).status == 200


def test_a_poster_comes_from_its_row(http, url, recording):
    picture = b"\xff\xd8poster"
    Rendition.objects.create(
        recording=recording,
        kind="poster",
        inline=picture,
        content_type="image/jpeg",
        size_bytes=len(picture),
        sha256="2" * 64,
    )
    assert http("GET", url("poster")).body == picture


def test_every_dead_url_gives_the_same_404(http, url, recording, alice, grant, response):
    live = url()
    dead = []
    services.revoke_url_grants(recordings=[recording.pk], now=timezone.now())
    dead.append(http("GET", live))
    again = url()
    assert again != live
    UrlGrant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    dead.append(http("GET", again))
    dead.append(http("GET", "/transfer/forged"))
    assert {answer.status for answer in dead} == {404}
    assert len({answer.body for answer in dead}) == 1


def test_a_url_dies_with_the_access_of_whom_it_was_given_to(http, url, alice):
    live = url()
    alice.is_active = False
    alice.save()
    assert http("GET", live).status == 404


def test_a_url_dies_with_the_withdrawal_of_whose_recording_it_is(http, url):
    live = url()
    Session.objects.update(state=Session.State.WITHDRAWN)
    assert http("GET", live).status == 404


@pytest.mark.parametrize(
    "change",
    [
        {"state": Recording.State.DELETING},
        {"original_deleted_at": timezone.now()},
        {"storage_type": "s3", "bucket": "elsewhere"},
    ],
)
def test_a_url_dies_with_its_object(http, url, change):
    live = url("original", "download")
    Recording.objects.update(**change)
    assert http("GET", live).status == 404


def test_a_reader_who_is_gone_stops_the_reading(http, url):
    messages = [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
    ]
    answer = http("GET", url(), messages=messages)
    assert len(answer.body) < len(DATA)


def test_a_missing_object_is_404_and_not_500(http, url, recording):
    given = url("original", "download")
    get_store().delete(recording.object_key)
    assert http("GET", given).status == 404


def test_what_is_read_is_counted_and_the_session_pays(http, url, recording):
    path = url()
    UsageEntry.objects.all().delete()
    http("GET", path, headers={"Range": "bytes=10-109"})
    http("HEAD", path)
    counted = UsageEntry.objects.values_list("kind", "quantity", "subject_id", "provider")
    session, where = recording.session_id, "local"
    assert sorted(counted) == [
        ("storage_bytes_out", 100, session, where),
        ("storage_get", 1, session, where),
    ]


def test_bytes_are_given_although_the_ledger_is_away(http, url, monkeypatch, caplog):
    def away(served, read_bytes):
        raise OperationalError("gone")

    monkeypatch.setattr(transfer, "count_served", away)
    assert http("GET", url()).body == DATA
    assert "not in the ledger" in caplog.text
