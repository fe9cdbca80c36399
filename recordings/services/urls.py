"""URLs for stored media: permission first, then the cache, then a new grant, logged."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.core.cache import caches

from interviews.models import Session
from ops.principals import Principal
from recordings.models import Recording, Rendition, UrlGrant
from recordings.transfer_tokens import transfer_url

MAX_BATCH = 100
MIN_LIFE_LEFT = 1 / 3  # a cached URL with less is not given out again
ORIGINAL = "original"
GONE = (Recording.State.DELETED, Recording.State.REFUSED)
Disposition = Literal["inline", "attachment"]


def _is_member(principal: Principal) -> bool:
    return principal.kind == "member"


def _is_member_or_candidate(principal: Principal) -> bool:
    return principal.kind in ("member", "candidate")


def _is_staff(principal: Principal) -> bool:
    return principal.is_staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a URL is for decides how long it lives, how it is shown and who may have it."""

    name: str
    lifetime: timedelta
    cache_for: timedelta
    disposition: Disposition
    is_allowed: Callable[[Principal], bool]


PURPOSES = {
    purpose.name: purpose
    for purpose in (
        Purpose(
            name="download",
            lifetime=timedelta(hours=1),
            cache_for=timedelta(minutes=10),
            disposition="attachment",
            is_allowed=_is_member,
        ),
        Purpose(
            name="preview",
            lifetime=timedelta(minutes=15),
            cache_for=timedelta(minutes=5),
            disposition="inline",
            is_allowed=_is_member_or_candidate,
        ),
        Purpose(
            name="batch",
            lifetime=timedelta(hours=2),
            cache_for=timedelta(minutes=10),
            disposition="attachment",
            is_allowed=_is_member,
        ),
        Purpose(
            name="admin",
            lifetime=timedelta(minutes=10),
            cache_for=timedelta(minutes=5),
            disposition="attachment",
            is_allowed=_is_staff,
        ),
    )
}


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
class _Cached:
    grant_id: UUID
    expires_at: datetime


@dataclass(slots=True)
class _Asked:
    """One recording of a batch on its way to a URL."""

    recording_id: UUID
    cache_key: str
    cached: _Cached | None = field(default=None)


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

    With `interview_key` a recording of another interview is as good as none. Three queries at most,
    whatever the number, and no call to the storage.
    """
    if len(recordings) > MAX_BATCH:
        raise ValueError(f"more than {MAX_BATCH} recordings")
    terms = PURPOSES[purpose]
    seen = _seen(principal, recordings, interview_key) if terms.is_allowed(principal) else {}
    versions = _versions(seen, rendition)
    answers: dict[UUID, IssuedUrl | RefusedUrl] = {}
    asked: list[_Asked] = []
    for recording_id in dict.fromkeys(recordings):
        version = versions.get(recording_id)
        if version:
            key = _cache_key(principal, purpose, rendition, recording_id, version)
            asked.append(_Asked(recording_id, key))
        else:
            answers[recording_id] = _refusal(recording_id, is_seen=recording_id in versions)
    _find_cached(asked, terms, now=now)
    for item, grant in zip(asked, _granted(asked, principal, rendition, terms, now), strict=True):
        answers[item.recording_id] = IssuedUrl(
            recording_id=item.recording_id,
            url=transfer_url("get", grant.grant_id, grant.expires_at),
            expires_at=grant.expires_at,
            cached=grant is item.cached,
        )
    return [answers[recording_id] for recording_id in recordings]


def revoke_url_grants(
    *, recordings: Iterable[UUID] | None = None, actor: str | None = None, now: datetime
) -> int:
    """End the live URLs of these recordings, or of this asker (Principal.key), or of both.

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
    principal: Principal, recordings: Sequence[UUID], interview_key: str | None
) -> dict[UUID, str]:
    """Return the hash of each original that the principal sees."""
    seen = Recording.objects.visible_to(principal).filter(pk__in=recordings)
    if interview_key is not None:
        seen = seen.filter(session__version__interview__key=interview_key)
    seen = seen.exclude(session__state=Session.State.WITHDRAWN)  # her no holds at once
    return dict(seen.exclude(state__in=GONE).values_list("pk", "sha256"))


def _versions(seen: dict[UUID, str], rendition: str) -> dict[UUID, str | None]:
    """Return the version of the object to be given for each; None: it was not made yet."""
    if rendition == ORIGINAL:
        return dict(seen)
    made = dict(
        Rendition.objects.filter(recording__in=list(seen), kind=rendition).values_list(
            "recording_id", "sha256"
        )
    )
    return {pk: made.get(pk) for pk in seen}


def _refusal(recording_id: UUID, *, is_seen: bool) -> RefusedUrl:
    if is_seen:
        return RefusedUrl(
            recording_id=recording_id,
            code="not_ready",
            message="This rendition has not been made.",
        )
    return RefusedUrl(
        recording_id=recording_id,
        code="not_found",
        message="There is no such recording here, or not for you.",
    )


def _cache_key(
    principal: Principal, purpose: str, rendition: str, recording_id: UUID, version: str
) -> str:
    parts = (principal.key, purpose, rendition, str(recording_id), version)
    return "url:" + hashlib.sha256("|".join(parts).encode()).hexdigest()


def _find_cached(asked: list[_Asked], terms: Purpose, *, now: datetime) -> None:
    """Attach what was given before, if it still has life and was not revoked."""
    held: dict[str, _Cached] = caches["memory"].get_many([item.cache_key for item in asked])
    fresh = {
        key: cached
        for key, cached in held.items()
        if cached.expires_at - now >= terms.lifetime * MIN_LIFE_LEFT
    }
    live = set(
        UrlGrant.objects.filter(
            pk__in=[cached.grant_id for cached in fresh.values()], revoked_at=None
        ).values_list("pk", flat=True)
    )
    for item in asked:
        cached = fresh.get(item.cache_key)
        if cached is not None and cached.grant_id in live:
            item.cached = cached


def _granted(
    asked: list[_Asked], principal: Principal, rendition: str, terms: Purpose, now: datetime
) -> list[_Cached]:
    """Return a grant for each: the cached one, or a new one, which is logged and remembered."""
    expires_at = (now + terms.lifetime).replace(microsecond=0)
    new = {
        item.recording_id: UrlGrant(
            recording_id=item.recording_id,
            rendition=rendition,
            purpose=terms.name,
            actor=principal.key,
            expires_at=expires_at,
        )
        for item in asked
        if item.cached is None
    }
    UrlGrant.objects.bulk_create(new.values())
    granted = [item.cached or _Cached(new[item.recording_id].pk, expires_at) for item in asked]
    caches["memory"].set_many(
        {
            item.cache_key: grant
            for item, grant in zip(asked, granted, strict=True)
            if item.cached is None
        },
        timeout=terms.cache_for.total_seconds(),
    )
    return granted
