"""Attacks on the URLs of a real S3 server: every one is refused, shows nothing, changes nothing."""

import hashlib
import threading

import pytest

from recordings.s3_client import client
from recordings.signing import SigningKey
from recordings.storage import get_store
from tests.recordings import attacks_get, attacks_multipart, attacks_put
from tests.recordings.attacks import ATTACKS, BODY, MINE, OWN, PART, SECRET, Scene
from tests.s3 import use_server

pytestmark = pytest.mark.django_db
TABLES = (attacks_get, attacks_put, attacks_multipart)


@pytest.fixture(scope="module")
def shared():
    """Bucket names that were made: two buckets serve all attacks, as each takes its own volumes."""
    return []


@pytest.fixture
def scene(request, shared, seaweedfs, settings):
    if not shared:
        first = request.getfixturevalue("s3")
        client().create_bucket(Bucket=f"{first.bucket}-other")
        shared.append(first.bucket)
    use_server(settings, seaweedfs, shared[0])
    scene = Scene(get_store(), settings)
    yield scene
    scene.close()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_is_refused_and_changes_nothing(scene, attack):
    answer = attack.act(scene)
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:200])
    assert SECRET not in answer.content
    assert OWN not in answer.content
    assert scene.contents() == scene.before


def test_there_are_attacks_on_every_kind_of_grant():
    assert len(ATTACKS) >= 80
    assert len({str(attack) for attack in ATTACKS}) == len(ATTACKS)
    for kind in ("GET", "PUT", "multipart"):
        assert sum(attack.on == kind for attack in ATTACKS) >= 15


# --- the same grants, used as they are meant: else the refusals would prove nothing -------------
def test_an_honest_get_is_answered(scene):
    assert scene.http.get(scene.get_url()).content == OWN


def test_an_honest_put_is_stored_once(scene):
    url, headers, key = scene.put_grant(sha256=hashlib.sha256(BODY).hexdigest())
    assert scene.http.put(url, content=BODY, headers=headers).status_code == 200
    assert scene.store.head(key).size_bytes == len(BODY)


def test_honest_parts_become_one_object(scene):
    key, multipart_id = scene.multipart()
    for number, part in ((1, PART), (2, BODY)):
        url = scene.part_url(key, multipart_id, number, len(part))
        assert scene.http.put(url, content=part).status_code == 200
    scene.store.complete_multipart(key, multipart_id, scene.store.list_parts(key, multipart_id))
    assert scene.store.head(key).size_bytes == len(PART) + len(BODY)


def test_of_many_puts_at_once_one_is_stored(scene):
    url, headers, key = scene.put_grant()
    codes = []

    def put(letter):
        codes.append(scene.http.put(url, content=letter * len(BODY), headers=headers).status_code)

    threads = [threading.Thread(target=put, args=(letter,)) for letter in (b"1", b"2", b"3", b"4")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 412, 412, 412]
    assert scene.store.head(key).size_bytes == len(BODY)


def test_what_is_sent_beyond_the_signed_length_is_not_stored(scene):
    url, headers, key = scene.put_grant()
    scene.raw("PUT", url, headers | {"Content-Length": len(BODY)}, BODY + b"z" * 5000)
    with scene.store.local_path(key) as path:
        assert path.read_bytes() == BODY


# --- what this server lets pass that Amazon's would not, and why it can do no harm ---------------
def test_headers_that_nobody_signed_do_not_outlive_the_quarantine(scene):
    """On Amazon's, too, a client may add headers that are neither signed nor x-amz-*."""
    url, headers, key = scene.put_grant()
    added = {"Content-Encoding": "gzip", "Cache-Control": "public", "Content-Language": "xx"}
    assert scene.http.put(url, content=BODY, headers=headers | added).status_code == 200
    kept = key.removeprefix("quarantine/")
    scene.store.copy(key, kept, content_type="audio/ogg")
    answer = scene.http.get(scene.get_url(kept))
    assert answer.content == BODY
    assert not {"content-encoding", "cache-control", "content-language"} & set(answer.headers)
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_url_that_begins_in_the_future_needs_our_secret(scene):
    """SeaweedFS takes one; we sign at the beginning of a window that has begun."""
    from datetime import timedelta  # noqa: PLC0415 - only here

    later = scene.now + timedelta(hours=1)
    ours = scene.forger().presign("GET", MINE, at=later, lifetime_s=60)
    theirs = scene.forger(secret_key="guessed").presign("GET", MINE, at=later, lifetime_s=60)
    assert scene.http.get(ours).status_code == 200
    assert scene.http.get(theirs).status_code == 403


def test_our_key_is_not_in_any_url(scene, settings):
    url, _, _ = scene.put_grant()
    assert settings.S3_SECRET_ACCESS_KEY not in url + scene.get_url()
    assert isinstance(scene.forger()._key, SigningKey)
    assert client() is scene.s3
