"""What somebody may try with a URL of an S3 server that was signed for something else.

A table: each attack has a name, the kind of grant it abuses, and what is sent. An attack that ends
in anything but a refusal, or changes or shows an object, is accepted: there must be none.
"""

import hashlib
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from recordings.objects import PutTerms
from recordings.s3_client import client
from recordings.signing import Presigner, SigningKey

MINE, VICTIM = "org/a/rec/1/mine", "org/b/rec/2/victims"
OWN, SECRET = b"her own recording", b"SECRET of somebody else"
BODY = b"y" * 100
PART = b"m" * (5 * 1024 * 1024)
ATTACKS = []


@dataclass(frozen=True)
class Attack:
    on: str  # GET, PUT, multipart
    name: str
    act: Callable

    def __str__(self):
        return f"{self.on}: {self.name}"


def attack(on, name):
    def add(act):
        ATTACKS.append(Attack(on, name, act))
        return act

    return add


@dataclass(frozen=True)
class Answer:
    status_code: int
    content: bytes = b""


class Scene:
    """A bucket with two people's recordings, and grants as the product gives them."""

    def __init__(self, store, settings):
        self.store, self.settings = store, settings
        self.now = datetime.now(UTC)
        self.http = httpx.Client(timeout=20)
        self.s3 = client()
        for bucket, key, content in (
            (store.bucket, MINE, OWN),
            (store.bucket, VICTIM, SECRET),
            (self.other, MINE, SECRET),
        ):
            self.s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="audio/ogg")
        self.freeze()

    @property
    def other(self):
        """Name of another bucket on the same server."""
        return f"{self.store.bucket}-other"

    def close(self):
        """Leave nothing under way for the next scene."""
        for upload in self.s3.list_multipart_uploads(Bucket=self.store.bucket).get("Uploads", ()):
            self.store.abort_multipart(upload["Key"], upload["UploadId"])
        self.http.close()

    def freeze(self):
        """What is there now must be there afterwards."""
        self.before = self.contents()

    def contents(self):
        found = {}
        for bucket in (self.store.bucket, self.other):
            for row in self.s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
                found[bucket, row["Key"]] = (row["Size"], row["ETag"])
            for upload in self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
                at = {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
                parts = self.s3.list_parts(**at).get("Parts", ())
                found[bucket, upload["UploadId"]] = [(p["PartNumber"], p["ETag"]) for p in parts]
        return found

    # --- grants of the product ----------------------------------------------------------------
    def get_url(self, key=MINE, *, age_s=0, lifetime_s=60):
        return self.store.signed_get_url(
            key,
            signed_at=self.now - timedelta(seconds=age_s),
            lifetime_s=lifetime_s,
            content_type="audio/ogg",
            disposition='attachment; filename="recording.ogg"',
        )

    def put_grant(self, *, sha256="", **said):
        """Return (url, headers to be sent, key) of one PUT."""
        key = f"quarantine/org/a/rec/{uuid.uuid4()}/new"
        terms = {
            "upload_id": uuid.uuid4(), "key": key, "content_type": "audio/ogg",
            "size_bytes": len(BODY), "sha256": sha256,
            "expires_at": self.now + timedelta(seconds=60), "lifetime_s": 60,
        }  # fmt: skip
        signed = self.store.signed_put(PutTerms(**terms | said))
        return signed.url, dict(signed.headers), key

    def multipart(self):
        """Return (key, its id) of a multipart upload under way."""
        key = f"quarantine/org/a/rec/{uuid.uuid4()}/parts"
        multipart_id = self.store.begin_multipart(key, content_type="audio/ogg")
        self.freeze()
        return key, multipart_id

    def part_url(self, key, multipart_id, number, size_bytes):
        url, _, _ = self.put_grant(
            key=key, multipart_id=multipart_id, number=number, size_bytes=size_bytes, sha256=""
        )
        return url

    # --- forgeries ----------------------------------------------------------------------------
    def forger(self, **said):
        """A signer with something about it that is not ours."""
        key = {
            "access_key": self.settings.S3_ACCESS_KEY_ID,
            "secret_key": self.settings.S3_SECRET_ACCESS_KEY,
            "region": self.settings.S3_REGION,
        }
        return Presigner(
            base_url=self.settings.S3_ENDPOINT_URL,
            path_prefix=f"/{self.store.bucket}",
            key=SigningKey(**key | said),
        )

    def plain(self, key=VICTIM, query=""):
        return f"{self.settings.S3_ENDPOINT_URL}/{self.store.bucket}/{key}{query}"

    def put(self, *, body=BODY, dropped=(), change=lambda url: url, method="PUT", **headers):
        """Use a fresh PUT grant for something that it is not for."""
        url, given, _ = self.put_grant()
        sent = {name: value for name, value in given.items() if name not in dropped}
        return self.http.request(method, change(url), content=body, headers=sent | headers)

    def raw(self, method, url, headers, body=b""):
        """Send bytes as they are: no client tidies them up. Return the answer."""
        parts = urlsplit(url)
        lines = {"Host": parts.netloc, "Connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as sent:
            request = f"{method} {parts.path}?{parts.query} HTTP/1.1\r\n{head}\r\n"
            sent.sendall(request.encode() + body)
            answer = b""
            try:
                sent.shutdown(socket.SHUT_WR)  # nothing more comes, whatever was announced
                while piece := sent.recv(65536):
                    answer += piece
            except OSError:
                pass  # it went away before it had read all that was sent
        # Cut off without a word: nothing was given; the contents tell whether anything was taken.
        return Answer(int(answer.split(b" ", 2)[1]) if answer else 400, answer)


def swapped(url, old, new):
    """`url` with a part of it replaced, which must have been there."""
    assert old in url, (old, url)
    return url.replace(old, new, 1)


def with_signature(url, change):
    """`url` with another signature."""
    rest, _, signature = url.rpartition("=")
    return f"{rest}={change(signature)}"


def sha256_base64(content):
    import base64  # noqa: PLC0415 - only here

    return base64.b64encode(hashlib.sha256(content).digest()).decode()
