"""What people and stages do with recordings: take, upload, verify, prepare, give URLs."""

from recordings.services.arrivals import complete_upload
from recordings.services.clearing import abort_stale_uploads, clear_uploads, sweep_stores
from recordings.services.moving import delete_sources, move_recordings, recordings_ahead
from recordings.services.probing import probe_store
from recordings.services.processing import (
    PreparedFile,
    record_prepared,
    record_preparing_dead,
    record_verified,
    record_verifying_dead,
)
from recordings.services.restoring import follow_restores, note_archived, request_restore
from recordings.services.retention import drop_originals, end_retention
from recordings.services.takes import discard_take, fail_take, start_take
from recordings.services.uploads import (
    UploadGrant,
    abort_upload,
    arrived_parts,
    grant_upload,
    renew_upload,
)
from recordings.services.urls import (
    IssuedUrl,
    RefusedUrl,
    issue_urls,
    revoke_url_grants,
)

__all__ = [
    "IssuedUrl",
    "PreparedFile",
    "RefusedUrl",
    "UploadGrant",
    "abort_stale_uploads",
    "abort_upload",
    "arrived_parts",
    "clear_uploads",
    "complete_upload",
    "delete_sources",
    "discard_take",
    "drop_originals",
    "end_retention",
    "fail_take",
    "follow_restores",
    "grant_upload",
    "issue_urls",
    "move_recordings",
    "note_archived",
    "probe_store",
    "record_prepared",
    "record_preparing_dead",
    "record_verified",
    "record_verifying_dead",
    "recordings_ahead",
    "renew_upload",
    "request_restore",
    "revoke_url_grants",
    "start_take",
    "sweep_stores",
]
