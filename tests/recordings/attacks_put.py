"""Attacks with a grant to put one object of 100 bytes of audio/ogg, once."""

import hashlib

from tests.recordings.attacks import BODY, VICTIM, attack, sha256_base64, swapped


def pieces(*parts):
    yield from parts


@attack("PUT", "no signature at all")
def _(scene):
    return scene.http.put(scene.plain("quarantine/org/a/rec/1/new"), content=BODY)


@attack("PUT", "over somebody else's recording without a signature")
def _(scene):
    return scene.http.put(scene.plain(VICTIM), content=BODY)


@attack("PUT", "a byte too many")
def _(scene):
    return scene.put(body=BODY + b"y")


@attack("PUT", "a byte too few")
def _(scene):
    return scene.put(body=BODY[:-1])


@attack("PUT", "nothing")
def _(scene):
    return scene.put(body=b"")


@attack("PUT", "a gigabyte announced")
def _(scene):
    url, headers, _ = scene.put_grant()
    return scene.raw("PUT", url, headers | {"Content-Length": 2**30}, BODY)


@attack("PUT", "no length, in chunks")
def _(scene):
    return scene.put(body=pieces(BODY, b"z" * 5000))


@attack("PUT", "a length and chunks")
def _(scene):
    url, headers, _ = scene.put_grant()
    both = headers | {"Content-Length": len(BODY), "Transfer-Encoding": "chunked"}
    return scene.raw("PUT", url, both, b"1388\r\n" + b"y" * 5000 + b"\r\n0\r\n\r\n")


@attack("PUT", "two lengths")
def _(scene):
    url, headers, _ = scene.put_grant()
    both = headers | {"Content-Length": len(BODY), "content-length": 5000}
    return scene.raw("PUT", url, both, b"y" * 5000)


@attack("PUT", "chunks of S3's own kind")
def _(scene):
    return scene.put(
        **{
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": "5000",
            "Content-Encoding": "aws-chunked",
        }
    )


@attack("PUT", "another type")
def _(scene):
    return scene.put(**{"Content-Type": "text/html"})


@attack("PUT", "no type")
def _(scene):
    return scene.put(dropped=("Content-Type",))


@attack("PUT", "the condition left out")
def _(scene):
    return scene.put(dropped=("If-None-Match",))


@attack("PUT", "another condition")
def _(scene):
    return scene.put(**{"If-None-Match": '"x"'})


@attack("PUT", "a second time, with other bytes")
def _(scene):
    url, headers, _ = scene.put_grant()
    assert scene.http.put(url, content=BODY, headers=headers).status_code == 200
    scene.freeze()
    return scene.http.put(url, content=b"2" * len(BODY), headers=headers)


@attack("PUT", "a second time, with the same bytes")
def _(scene):
    url, headers, _ = scene.put_grant()
    assert scene.http.put(url, content=BODY, headers=headers).status_code == 200
    scene.freeze()
    return scene.http.put(url, content=BODY, headers=headers)


@attack("PUT", "a second time, without the condition")
def _(scene):
    url, headers, _ = scene.put_grant()
    assert scene.http.put(url, content=BODY, headers=headers).status_code == 200
    scene.freeze()
    del headers["If-None-Match"]
    return scene.http.put(url, content=b"2" * len(BODY), headers=headers)


@attack("PUT", "over somebody else's recording")
def _(scene):
    url, headers, key = scene.put_grant()
    return scene.http.put(swapped(url, key, VICTIM), content=BODY, headers=headers)


@attack("PUT", "out of the quarantine")
def _(scene):
    return scene.put(change=lambda url: swapped(url, "/quarantine/", "/"))


@attack("PUT", "into another bucket")
def _(scene):
    return scene.put(change=lambda url: swapped(url, f"/{scene.store.bucket}/", f"/{scene.other}/"))


@attack("PUT", "after its life")
def _(scene):
    from datetime import timedelta  # noqa: PLC0415 - only here

    key = "quarantine/org/a/rec/1/late"
    headers = {"Content-Length": str(len(BODY)), "Content-Type": "audio/ogg"}
    past = scene.now - timedelta(seconds=61)
    url = scene.forger().presign("PUT", key, at=past, lifetime_s=60, headers=headers)
    return scene.http.put(url, content=BODY, headers={"Content-Type": "audio/ogg"})


@attack("PUT", "a guessed secret")
def _(scene):
    url = scene.forger(secret_key="guessed").presign("PUT", VICTIM, at=scene.now, lifetime_s=60)
    return scene.http.put(url, content=BODY)


@attack("PUT", "fewer headers said to be signed")
def _(scene):
    return scene.put(
        dropped=("If-None-Match",), change=lambda url: swapped(url, "%3Bif-none-match", "")
    )


@attack("PUT", "other bytes than the promised hash")
def _(scene):
    url, headers, _ = scene.put_grant(sha256=hashlib.sha256(b"z" * len(BODY)).hexdigest())
    return scene.http.put(url, content=BODY, headers=headers)


@attack("PUT", "the promised hash left out")
def _(scene):
    url, headers, _ = scene.put_grant(sha256=hashlib.sha256(b"z" * len(BODY)).hexdigest())
    del headers["x-amz-checksum-sha256"]
    return scene.http.put(url, content=BODY, headers=headers)


@attack("PUT", "another hash than the promised one")
def _(scene):
    url, headers, _ = scene.put_grant(sha256=hashlib.sha256(b"z" * len(BODY)).hexdigest())
    headers["x-amz-checksum-sha256"] = sha256_base64(BODY)
    return scene.http.put(url, content=BODY, headers=headers)


@attack("PUT", "a wrong Content-MD5")
def _(scene):
    return scene.put(**{"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})


# Headers that nobody signed. Each would change what is stored, or who may read it.
UNSIGNED = {
    "somebody else's recording copied into one's own": {"x-amz-copy-source": "/{bucket}/" + VICTIM},
    "made public": {"x-amz-acl": "public-read"},
    "opened to everybody by a grant": {
        "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    },
    "a dearer storage class": {"x-amz-storage-class": "STANDARD_IA"},
    "an archive": {"x-amz-storage-class": "DEEP_ARCHIVE"},
    "metadata": {"x-amz-meta-note": "hello"},
    "tags that a lifecycle rule might read": {"x-amz-tagging": "keep=forever"},
    "a redirect": {"x-amz-website-redirect-location": "https://evil.example/"},
    "locked for years": {
        "x-amz-object-lock-mode": "COMPLIANCE",
        "x-amz-object-lock-retain-until-date": "2036-01-01T00:00:00Z",
    },
    "encrypted with a key of the sender's": {
        "x-amz-server-side-encryption-customer-algorithm": "AES256",
        "x-amz-server-side-encryption-customer-key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
        "x-amz-server-side-encryption-customer-key-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
    },
    "encrypted with another key of ours": {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "other",
    },
    "appended": {"x-amz-write-offset-bytes": "0"},
}


def unsigned(what, headers):
    @attack("PUT", f"an unsigned header: {what}")
    def _(scene):
        filled = {name: value.format(bucket=scene.store.bucket) for name, value in headers.items()}
        return scene.put(**filled)


for what, headers in UNSIGNED.items():
    unsigned(what, headers)


def subresource(query):
    @attack("PUT", f"what is not its content: ?{query}")
    def _(scene):
        return scene.put(change=lambda url: f"{url}&{query}")


for query in (
    "acl",
    "tagging",
    "retention",
    "legal-hold",
    "uploadId=x&partNumber=1",
    "versionId=x",
):
    subresource(query)


def method(verb):
    @attack("PUT", f"used to {verb}")
    def _(scene):
        return scene.put(method=verb)


for verb in ("GET", "DELETE", "POST", "PATCH"):
    method(verb)
