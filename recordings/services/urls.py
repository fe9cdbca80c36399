"""URLs for stored media: permission first, then the cache, then a new grant, logged."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.cache import caches

from ops import caches as kept
from ops.principals import Principal
from recordings.caches import URLS
from recordings.handed_out import ORIGINAL, HandedOut, original_of, rendition_of
from recordings.models import Recording, Rendition, UrlGrant
from recordings.purposes import Purpose, purposes
from recordings.signing import window_start
from recordings.storage import store_for
from recordings.transfer_tokens import transfer_url

MAX_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedUrl:
    """A URL that works until `expires_at`; `cached` when it was given to the same asker before."""

    recording_id: UUID
    url: str
    expires_at: datetime
    cached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedUrl:
    """Why one of several recordings got no URL."""

    recording_id: UUID
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """An object of a batch on its way to a URL, under the key that its grant is cached by."""

    given: HandedOut
    cache_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """Who asks for what, and from when until when it will work."""

    principal: Principal
    rendition: str
    purpose: Purpose
    signed_at: datetime
    expires_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        ends = self.signed_at + timedelta(seconds=self.purpose.lifetime_s)
        object.__setattr__(self, "expires_at", ends)


REFUSALS = {
    "not_found": "There is no such recording here, or not for you.",
    "not_ready": "This rendition has not been made.",
    "not_kept": "The original is no longer kept. What was made of it can be played.",
    "archived": "This recording is in an archive. Restore it first.",
}


def issue_urls(  # noqa: PLR0913 - who asks for what, and where
    *,
    principal: Principal,
    recordings: Sequence[UUID],
    rendition: str,
    purpose: str,
    now: datetime,
    interview_key: str | None = None,
) -> list[IssuedUrl | RefusedUrl]:
    """Answer each recording id with a URL or the reason why not, in order; at most 100.

    With `interview_key` a recording of another interview is as good as none. Seven queries at most,
    whatever the number, and no call to the storage. All URLs of a window are signed at its
    beginning: every process gives the same one.
    """
    if len(recordings) > MAX_BATCH:
        raise ValueError(f"more than {MAX_BATCH} recordings")
    asked_for = purposes(settings.URL_PURPOSES)[purpose]
    terms = _Terms(
        principal=principal,
        rendition=rendition,
        purpose=asked_for,
        signed_at=window_start(now, asked_for.cache_s),
    )
    seen = _seen(terms, recordings, interview_key)
    refusals = {pk: _refusal(row, rendition, now) for pk, row in seen.items()}
    found = _objects({pk: row for pk, row in seen.items() if not refusals[pk]}, rendition)
    answers: dict[UUID, IssuedUrl | RefusedUrl] = {}
    for pk in recordings:
        if pk not in found:
            code = refusals.get(pk, "not_found") or "not_ready"
            answers[pk] = RefusedUrl(recording_id=pk, code=code, message=REFUSALS[code])
    answers |= {url.recording_id: url for url in _issued(found.values(), terms)}
    return [answers[pk] for pk in recordings]


def revoke_url_grants(
    *, recordings: Iterable[UUID] | None = None, actor: str | None = None, now: datetime
) -> int:
    """End the live URLs of these recordings, or of this asker (Principal.key), or of both.

    What a store elsewhere has been signed for works there until it expires; nothing new is signed.

    Raises: ValueError when neither is named.
    """
    if recordings is None and actor is None:
        raise ValueError("name recordings or an actor")
    live = UrlGrant.objects.filter(revoked_at=None, expires_at__gt=now)
    if recordings is not None:
        live = live.filter(recording__in=list(recordings))
    if actor is not None:
        live = live.filter(actor=actor)
    return live.update(revoked_at=now)


def _seen(
    terms: _Terms, recordings: Sequence[UUID], interview_key: str | None
) -> Mapping[UUID, Recording]:
    """Return the recordings of which the principal may be given a URL."""
    if not terms.purpose.is_allowed(terms.principal):
        return {}
    seen = Recording.objects.open_to(terms.principal).filter(pk__in=recordings)
    if interview_key is not None:
        seen = seen.filter(session__version__interview__key=interview_key)
    return seen.defer("peaks").in_bulk()


def _refusal(row: Recording, rendition: str, now: datetime) -> str:
    """Return the code of why nothing of it can be given out now, "" for no reason."""
    if row.is_cold(now):
        return "archived"
    if rendition == ORIGINAL and row.original_deleted_at is not None:
        return "not_kept"
    return ""


def _objects(rows: Mapping[UUID, Recording], rendition: str) -> dict[UUID, HandedOut]:
    """Return the object to be given for each; those that were not made yet are missing."""
    if rendition == ORIGINAL:
        return {pk: original_of(row) for pk, row in rows.items()}
    made = Rendition.objects.filter(recording__in=list(rows), kind=rendition).defer("inline")
    return {each.recording_id: rendition_of(rows[each.recording_id], each) for each in made}


def _issued(given: Iterable[HandedOut], terms: _Terms) -> list[IssuedUrl]:
    """Return a URL for each: by the grant that the same asker has, or by a new, logged one."""
    epoch = kept.epoch(URLS)
    asked = [_Asked(each, _cache_key(terms, each, epoch)) for each in given]
    if not asked:
        return []
    held = _held(asked)
    kept.note_lookups(URLS, asked=len(asked), hits=len(held))
    granted = held | _grant([each for each in asked if each.cache_key not in held], terms)
    return [
        IssuedUrl(
            recording_id=each.given.recording_id,
            url=_url(each.given, granted[each.cache_key], terms),
            expires_at=terms.expires_at,
            cached=each.cache_key in held,
        )
        for each in asked
    ]


def _cache_key(terms: _Terms, given: HandedOut, epoch: int) -> str:
    parts = (
        str(epoch),
        terms.principal.key,
        terms.purpose.name,
        terms.rendition,
        str(given.recording_id),
        given.version,
        terms.signed_at.isoformat(),
        str(terms.purpose.lifetime_s),
    )
    return "url:" + hashlib.sha256("|".join(parts).encode()).hexdigest()


def _held(asked: Sequence[_Asked]) -> dict[str, UUID]:
    """Return the grants given before in this window by this process that were not revoked."""
    held: dict[str, UUID] = caches["memory"].get_many([each.cache_key for each in asked])
    live = set(
        UrlGrant.objects.filter(pk__in=held.values(), revoked_at=None).values_list("pk", flat=True)
    )
    return {key: grant_id for key, grant_id in held.items() if grant_id in live}


def _grant(asked: Sequence[_Asked], terms: _Terms) -> dict[str, UUID]:
    """Log a new grant for each and remember it by its key."""
    new = [
        UrlGrant(
            recording_id=each.given.recording_id,
            rendition=terms.rendition,
            purpose=terms.purpose.name,
            actor=terms.principal.key,
            expires_at=terms.expires_at,
        )
        for each in asked
    ]
    UrlGrant.objects.bulk_create(new)
    granted = {each.cache_key: grant.pk for each, grant in zip(asked, new, strict=True)}
    caches["memory"].set_many(granted, timeout=terms.purpose.cache_s)
    return granted


def _url(given: HandedOut, grant_id: UUID, terms: _Terms) -> str:
    """Return the store's own URL; ours where the bytes pass through us or live in a row."""
    url = given.object_key and store_for(given.storage_type, given.bucket).signed_get_url(
        given.object_key,
        signed_at=terms.signed_at,
        lifetime_s=terms.purpose.lifetime_s,
        content_type=given.content_type,
        disposition=given.content_disposition(terms.purpose.disposition),
    )
    return url or transfer_url("get", grant_id, terms.expires_at)
