"""Attacks with a grant to send one part of a multipart upload."""

from datetime import timedelta

from ops.failures import StageFailure
from recordings.objects import Part
from tests.recordings.attacks import BODY, PART, VICTIM, Answer, attack, swapped

COMPLETE = b"<CompleteMultipartUpload/>"


def sent(scene, change=lambda url, *_: url, *, body=BODY, method="PUT", signed=100, **headers):
    """Use a part's grant for something that it is not for."""
    key, multipart_id = scene.multipart()
    url = scene.part_url(key, multipart_id, 1, signed)
    return scene.http.request(method, change(url, key, multipart_id), content=body, headers=headers)


def pieces(*parts):
    yield from parts


@attack("multipart", "a byte too many")
def _(scene):
    return sent(scene, body=BODY + b"y")


@attack("multipart", "a byte too few")
def _(scene):
    return sent(scene, body=BODY[:-1])


@attack("multipart", "no length, in chunks")
def _(scene):
    return sent(scene, body=pieces(BODY, BODY))


@attack("multipart", "another part's number")
def _(scene):
    return sent(scene, lambda url, *_: swapped(url, "partNumber=1", "partNumber=2"))


@attack("multipart", "into another upload")
def _(scene):
    _, other = scene.multipart()
    return sent(scene, lambda url, _, mine: swapped(url, mine, other))


@attack("multipart", "into another key")
def _(scene):
    return sent(scene, lambda url, key, _: swapped(url, key, f"{key}2"))


@attack("multipart", "over somebody else's recording, as a plain PUT")
def _(scene):
    return sent(
        scene,
        lambda url, key, mine: swapped(
            swapped(url, key, VICTIM), f"uploadId={mine}&partNumber=1&", ""
        ),
    )


@attack("multipart", "as a plain PUT")
def _(scene):
    return sent(scene, lambda url, _, mine: swapped(url, f"uploadId={mine}&partNumber=1&", ""))


@attack("multipart", "after its life")
def _(scene):
    key, multipart_id = scene.multipart()
    url = scene.forger().presign(
        "PUT",
        key,
        at=scene.now - timedelta(seconds=61),
        lifetime_s=60,
        query={"uploadId": multipart_id, "partNumber": "1"},
        headers={"Content-Length": str(len(BODY))},
    )
    return scene.http.put(url, content=BODY)


@attack("multipart", "a guessed secret")
def _(scene):
    key, multipart_id = scene.multipart()
    query = {"uploadId": multipart_id, "partNumber": "1"}
    forger = scene.forger(secret_key="guessed")
    url = forger.presign("PUT", key, at=scene.now, lifetime_s=60, query=query)
    return scene.http.put(url, content=BODY)


@attack("multipart", "somebody else's recording copied in as a part")
def _(scene):
    source = f"/{scene.store.bucket}/{VICTIM}"
    return sent(scene, body=b"", signed=0, **{"x-amz-copy-source": source})


@attack("multipart", "a range of somebody else's recording copied in")
def _(scene):
    source = f"/{scene.store.bucket}/{VICTIM}"
    return sent(scene, **{"x-amz-copy-source": source, "x-amz-copy-source-range": "bytes=0-9"})


@attack("multipart", "made public by an unsigned header")
def _(scene):
    return sent(scene, **{"x-amz-acl": "public-read"})


@attack("multipart", "the parts listed with a part's URL")
def _(scene):
    return sent(scene, method="GET", body=None)


@attack("multipart", "ended with a part's URL")
def _(scene):
    return sent(scene, method="DELETE", body=None)


@attack("multipart", "completed with a part's URL")
def _(scene):
    return sent(scene, method="POST", body=COMPLETE)


@attack("multipart", "completed with a part's URL without its number")
def _(scene):
    return sent(
        scene, lambda url, *_: swapped(url, "&partNumber=1", ""), method="POST", body=COMPLETE
    )


def unsigned(what, verb, query, body=None):
    @attack("multipart", f"{what} without a signature")
    def _(scene):
        key, multipart_id = scene.multipart()
        return scene.http.request(
            verb, scene.plain(key, query.format(id=multipart_id)), content=body
        )


unsigned("begun", "POST", "?uploads")
unsigned("a part sent", "PUT", "?uploadId={id}&partNumber=1", BODY)
unsigned("completed", "POST", "?uploadId={id}", COMPLETE)
unsigned("ended", "DELETE", "?uploadId={id}")
unsigned("its parts listed", "GET", "?uploadId={id}")


@attack("multipart", "all uploads listed without a signature")
def _(scene):
    scene.multipart()
    return scene.http.get(f"{scene.settings.S3_ENDPOINT_URL}/{scene.store.bucket}?uploads")


@attack("multipart", "a part sent after the end")
def _(scene):
    key, multipart_id = scene.multipart()
    url = scene.part_url(key, multipart_id, 1, len(PART))
    assert scene.http.put(url, content=PART).status_code == 200
    scene.store.complete_multipart(key, multipart_id, scene.store.list_parts(key, multipart_id))
    scene.freeze()
    return scene.http.put(url, content=b"z" * len(PART))


@attack("multipart", "a part sent after it was given up")
def _(scene):
    key, multipart_id = scene.multipart()
    url = scene.part_url(key, multipart_id, 1, len(BODY))
    scene.store.abort_multipart(key, multipart_id)
    scene.freeze()
    return scene.http.put(url, content=BODY)


@attack("multipart", "completed by ourselves with another part's ETag")
def _(scene):
    key, multipart_id = scene.multipart()
    scene.http.put(scene.part_url(key, multipart_id, 1, len(BODY)), content=BODY)
    scene.freeze()
    try:
        scene.store.complete_multipart(
            key, multipart_id, [Part(number=1, size_bytes=len(BODY), etag=f'"{"0" * 32}"')]
        )
    except FileNotFoundError:
        return Answer(404)
    return Answer(200)


@attack("multipart", "completed by ourselves over what is there")
def _(scene):
    key, multipart_id = scene.multipart()
    scene.http.put(scene.part_url(key, multipart_id, 1, len(BODY)), content=BODY)
    scene.s3.put_object(Bucket=scene.store.bucket, Key=key, Body=b"there before")
    scene.freeze()
    try:
        scene.store.complete_multipart(key, multipart_id, scene.store.list_parts(key, multipart_id))
    except FileExistsError:
        return Answer(412)
    return Answer(200)


@attack("multipart", "completed by ourselves with a small part in the middle")
def _(scene):
    key, multipart_id = scene.multipart()
    for number in (1, 2):
        scene.http.put(scene.part_url(key, multipart_id, number, len(BODY)), content=BODY)
    scene.freeze()
    try:
        scene.store.complete_multipart(key, multipart_id, scene.store.list_parts(key, multipart_id))
    except StageFailure:
        return Answer(400)
    return Answer(200)


def number(value):
    @attack("multipart", f"part number {value}, signed by ourselves")
    def _(scene):
        key, multipart_id = scene.multipart()
        url = scene.part_url(key, multipart_id, value, len(BODY))
        return scene.http.put(url, content=BODY)


for value in (10_001, 2**31):
    number(value)
