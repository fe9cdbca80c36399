"""The consent notice as the candidate reads it, with the version and hash that a record keeps."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.template.loader import render_to_string
from django.utils.translation import ngettext

from interviews.models import Interview, Session
from interviews.selectors import offered_scopes
from interviews.selectors.consents import Word, latest_words
from interviews.selectors.retention import long_period, period

NOTICE_VERSION = (
    "2026-11-23"  # change it with any change of meaning in templates/interviews/notice/
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeNotice:
    """What one consent is about. `text` is plain text in paragraphs."""

    scope: str
    title: str
    text: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The whole notice; `content_hash` is the sha256 of exactly the words shown."""

    version: str
    content_hash: str
    scopes: tuple[ScopeNotice, ...]


def consent_notice(interview: Interview) -> Notice:
    """Return the notice of this interview in the words its candidates are shown."""
    scopes = tuple(scope_notice(interview, scope) for scope in offered_scopes(interview))
    words = "\n\n".join(f"{notice.scope}\n{notice.title}\n{notice.text}" for notice in scopes)
    return Notice(
        version=NOTICE_VERSION,
        content_hash=hashlib.sha256(words.encode()).hexdigest(),
        scopes=scopes,
    )


def scope_notice(interview: Interview, scope: str) -> ScopeNotice:
    """Render one scope's words: the template's first line is the title, the rest the text."""
    words = render_to_string(
        f"interviews/notice/{scope}.txt",
        {
            "organization": interview.organization.name,
            "interview": interview.title,
            "kept_for": in_words(period()),
            "kept_long_for": in_words(long_period()),
        },
    )
    title, _, text = words.strip().partition("\n")
    return ScopeNotice(
        scope=scope, title=title.strip(), text=text.strip(), is_required=scope == "recording"
    )


def in_words(kept: timedelta) -> str:
    """Return a period of retention as people say it: `2 years`, `90 days`."""
    years, rest = divmod(kept.days, 365)
    if years and not rest:
        return ngettext("%d year", "%d years", years) % years
    return ngettext("%d day", "%d days", kept.days) % kept.days


def consent_words(session: Session) -> list[tuple[ScopeNotice, Word]]:
    """Return what the candidate answered last, with the title of each scope."""
    words = latest_words(session.pk)
    notice = consent_notice(session.version.interview)
    return [(each, words[each.scope]) for each in notice.scopes if each.scope in words]
