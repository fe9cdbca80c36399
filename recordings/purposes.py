"""What a URL may be for: how long it lives, how it is shown, who may have it. Pure.

The setting URL_PURPOSES changes times: {"preview": {"lifetime_s": 600, "cache_s": 120}}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ops.principals import Principal
from recordings.signing import MAX_LIFETIME_S

Disposition = Literal["inline", "attachment"]
TIMES = ("lifetime_s", "cache_s")
MOST_CACHED_SHARE = 2 / 3  # of a life: who gets a URL from a cache has at least a third of it left


def _is_member(principal: Principal) -> bool:
    return principal.kind == "member"


def _is_member_or_candidate(principal: Principal) -> bool:
    return principal.kind in ("member", "candidate")


def _is_staff(principal: Principal) -> bool:
    return principal.is_staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """The terms of a URL. The same asker gets the same URL for `cache_s`."""

    name: str
    lifetime_s: int
    cache_s: int
    disposition: Disposition
    is_allowed: Callable[[Principal], bool]


BUILT_IN = (
    Purpose(
        name="download",
        lifetime_s=3600,
        cache_s=600,
        disposition="attachment",
        is_allowed=_is_member,
    ),
    Purpose(
        name="preview",
        lifetime_s=900,
        cache_s=300,
        disposition="inline",
        is_allowed=_is_member_or_candidate,
    ),
    Purpose(
        name="batch",
        lifetime_s=7200,
        cache_s=600,
        disposition="attachment",
        is_allowed=_is_member,
    ),
    Purpose(
        name="admin",
        lifetime_s=600,
        cache_s=300,
        disposition="attachment",
        is_allowed=_is_staff,
    ),
)


def purposes(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Purpose]:
    """Return the table with what the setting changes. Raises: ValueError for a bad change."""
    rows = {purpose.name: purpose for purpose in BUILT_IN}
    for name, times in changes.items():
        if name not in rows:
            raise ValueError(f"there is no purpose {name}: {', '.join(rows)}")
        if unknown := set(times) - set(TIMES):
            raise ValueError(f"{name}: unknown {', '.join(sorted(unknown))}")
        rows[name] = _sound(replace(rows[name], **times))
    return rows


def _sound(purpose: Purpose) -> Purpose:
    for value in (purpose.lifetime_s, purpose.cache_s):
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{purpose.name}: times are whole seconds")  # noqa: TRY004 - a bad setting
    if not 0 < purpose.lifetime_s <= MAX_LIFETIME_S:
        raise ValueError(f"{purpose.name}: a URL lives from one second to seven days")
    if not 0 <= purpose.cache_s <= purpose.lifetime_s * MOST_CACHED_SHARE:
        raise ValueError(f"{purpose.name}: cache_s is at most two thirds of lifetime_s")
    return purpose
