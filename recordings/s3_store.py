"""Objects in a bucket of an S3 server: any that speaks the protocol with Signature Version 4."""

import base64
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings

from ops.failures import StageFailure
from recordings.objects import (
    CHUNK_BYTES,
    QUARANTINE,
    Fetched,
    ObjectFacts,
    Part,
    PutTerms,
    SignedRequest,
    Store,
    count,
    count_bytes,
    require_key,
    require_size,
)
from recordings.s3_client import client, error_code, plain_errors, signing_client
from recordings.s3_signers import signer

RESTORE = re.compile(r'([a-z-]+)="([^"]*)"')
# What a signed parameter is called as a header, which whoever uses the URL must send.
HEADERS = {
    "ContentType": "Content-Type",
    "IfNoneMatch": "If-None-Match",
    "ChecksumSHA256": "x-amz-checksum-sha256",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
}


class S3Store(Store):
    """One bucket."""

    kind = "s3"
    dependency = "storage"

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    def put_file(self, path: Path, key: str, *, content_type: str = "") -> None:
        with plain_errors(), path.open("rb") as body:
            client().put_object(**self._at(key), Body=body, **_typed(content_type), **encryption())
        count_bytes("in", path.stat().st_size, provider=self.kind)

    @contextmanager
    def fetch(self, key: str, *, size_bytes: int | None = None) -> Iterator[Fetched]:
        with tempfile.TemporaryDirectory(prefix="candor-object-") as folder:
            path = Path(folder) / "object"
            with plain_errors(), path.open("wb") as file:
                answer = client().get_object(**self._at(key))
                with closing(answer["Body"]) as body:
                    require_size(answer["ContentLength"], size_bytes)
                    for chunk in body.iter_chunks(CHUNK_BYTES):
                        file.write(chunk)
                count_bytes("out", file.tell(), provider=self.kind)
            yield Fetched(path, answer["ETag"])

    def head(self, key: str) -> ObjectFacts:
        try:
            with plain_errors():
                return _facts(client().head_object(**self._at(key), ChecksumMode="ENABLED"))
        except FileNotFoundError:
            self._ask_why(key)
            raise
        except StageFailure as failure:
            if failure.code == "storage_denied":
                self._ask_why(key)
            raise

    def _ask_why(self, key: str) -> None:
        """Raise what a GET says: a HEAD has no body to tell a bucket's absence from an object's."""
        with plain_errors():
            client().get_object(**self._at(key), Range="bytes=0-0")["Body"].close()

    def create_bucket(self) -> None:
        """Make the bucket, if there is none."""
        with plain_errors():
            try:
                client().head_bucket(Bucket=self.bucket)
            except client().exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                    raise
                client().create_bucket(Bucket=self.bucket)

    def delete(self, key: str) -> None:
        with plain_errors():
            client().delete_object(**self._at(key))

    def restore(self, key: str, *, days: int) -> None:
        asked = {"Days": days, "GlacierJobParameters": {"Tier": "Standard"}}
        try:
            with plain_errors():
                client().restore_object(**self._at(key), RestoreRequest=asked)
        except StageFailure as failure:
            if error_code(failure) != "RestoreAlreadyInProgress":
                raise

    def copy(self, key: str, to: str, *, etag: str = "", content_type: str = "") -> None:
        asked = {"MetadataDirective": "REPLACE", **_typed(content_type), **encryption()}
        only = {"CopySourceIfMatch": etag} if etag else {}
        try:
            with plain_errors():
                client().copy_object(**self._at(to), CopySource=self._at(key), **only, **asked)
        except FileExistsError as error:  # the source is no longer what it was
            raise FileNotFoundError(str(error)) from error

    def signed_put(self, terms: PutTerms) -> SignedRequest:
        if terms.number:
            asked = {"UploadId": terms.multipart_id, "PartNumber": terms.number}
            return self._signed("upload_part", terms, asked)
        asked = {"ContentType": terms.content_type, "IfNoneMatch": "*", **encryption()}
        if terms.sha256:
            asked["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(terms.sha256)).decode()
        return self._signed("put_object", terms, asked)

    def _signed(self, method: str, terms: PutTerms, asked: dict[str, Any]) -> SignedRequest:
        count("sign", provider=self.kind)
        url = signing_client().generate_presigned_url(
            method,
            Params={**self._at(terms.key), "ContentLength": terms.size_bytes, **asked},
            ExpiresIn=terms.lifetime_s,
        )
        headers = {HEADERS[name]: value for name, value in asked.items() if name in HEADERS}
        return SignedRequest(url=url, headers=headers)

    def signed_get_url(
        self,
        key: str,
        *,
        signed_at: datetime,
        lifetime_s: int,
        content_type: str,
        disposition: str,
    ) -> str | None:
        count("sign", provider=self.kind)
        return signer(self.bucket).get_url(
            require_key(key),
            signed_at=signed_at,
            lifetime_s=lifetime_s,
            query={
                "response-content-disposition": disposition,
                "response-content-type": content_type,
            },
        )

    def begin_multipart(self, key: str, *, content_type: str) -> str:
        with plain_errors():
            begun = client().create_multipart_upload(
                **self._at(key), **_typed(content_type), **encryption()
            )
        return str(begun["UploadId"])

    def list_parts(self, key: str, multipart_id: str) -> list[Part]:
        with plain_errors():
            pages = client().get_paginator("list_parts")
            found = pages.paginate(**self._at(key), UploadId=multipart_id)
            listed = [part for page in found for part in page.get("Parts", ())]
        # SeaweedFS lists every copy of a part that was sent again; the newest one counts.
        listed.sort(key=lambda part: (part["PartNumber"], part["LastModified"]))
        parts = {
            part["PartNumber"]: Part(
                number=part["PartNumber"], size_bytes=part["Size"], etag=part["ETag"]
            )
            for part in listed
        }
        return list(parts.values())

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[Part]) -> str:
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with plain_errors():
            client().complete_multipart_upload(
                **self._at(key),
                UploadId=multipart_id,
                MultipartUpload={"Parts": listed},
                IfNoneMatch="*",
            )
        return ""  # an ETag of many parts is no hash of the whole

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        try:
            with plain_errors():
                client().abort_multipart_upload(**self._at(key), UploadId=multipart_id)
        except FileNotFoundError:
            return

    def multiparts_begun(self, before: datetime) -> Iterable[tuple[str, str]]:
        with plain_errors():
            pages = client().get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket)
            for page in pages:
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"] < before:
                        yield upload["Key"], upload["UploadId"]

    def quarantined(self, before: datetime) -> Iterable[str]:
        with plain_errors():
            pages = client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=QUARANTINE):
                for found in page.get("Contents", ()):
                    if found["LastModified"] < before:
                        yield found["Key"]

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": require_key(key)}


def encryption() -> dict[str, str]:
    """Return the parameters of a write that say how the server is to encrypt it."""
    asked = {"ServerSideEncryption": settings.S3_SSE, "SSEKMSKeyId": settings.S3_KMS_KEY_ID}
    return {name: value for name, value in asked.items() if value}


def _typed(content_type: str) -> dict[str, str]:
    return {"ContentType": content_type} if content_type else {}


def _facts(found: dict[str, Any]) -> ObjectFacts:
    checksum = found.get("ChecksumSHA256", "")
    # That of a multipart object is a hash of hashes, with their number behind a dash.
    is_whole = bool(checksum) and "-" not in checksum
    return ObjectFacts(
        size_bytes=found["ContentLength"],
        content_type=found.get("ContentType", ""),
        sha256=base64.b64decode(checksum).hex() if is_whole else None,
        storage_class=found.get("StorageClass", "STANDARD"),
        etag=found.get("ETag", ""),
        **_restoring(found.get("Restore", "")),
    )


def _restoring(told: str) -> dict[str, Any]:
    """Read `ongoing-request="false", expiry-date="Fri, 23 Dec 2026 00:00:00 GMT"`."""
    words = dict(RESTORE.findall(told))
    until = words.get("expiry-date")
    return {
        "is_restoring": words.get("ongoing-request") == "true",
        "restored_until": parsedate_to_datetime(until) if until else None,
    }
