"""Inviting a spreadsheet full of people, with a word on every row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from interviews.csv_rows import SheetRow, read_rows, write_rows
from interviews.models import Interview, Invitation
from interviews.services.invitations import Link, Person, invite_people, refuse_invitation

HEADER = ("line", "name", "email", "external_id", "alias", "link", "problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReport:
    """What became of one row: a link, or what stood in its way."""

    row: SheetRow
    link: Link | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetReport:
    """What became of a file."""

    rows: tuple[RowReport, ...]

    @property
    def links(self) -> list[Link]:
        return [each.link for each in self.rows if each.link]

    @property
    def refused(self) -> list[RowReport]:
        return [each for each in self.rows if not each.link]

    def as_csv(self) -> str:
        """Return the report as CSV that spreadsheets can open without harm."""
        return write_rows(HEADER, (_cells(each) for each in self.rows))


def invite_sheet(
    *, interview: Interview, data: bytes, expires_at: datetime, now: datetime, actor: str = "system"
) -> SheetReport:
    """Invite everybody in a CSV file whose row is right; all of them or, if that fails, nobody.

    Raises:
        SheetRefusedError: the file can't be read as a whole.
        StateConflict: nobody can answer this interview now.

    """
    refuse_invitation(interview, expires_at=expires_at, now=now)
    rows = read_rows(data, is_address=is_address)
    known = invited_aliases(interview, (row.email for row in rows), now=now)
    problems = {row.line: row.problem or _known(row, known) for row in rows}
    good = [row for row in rows if not problems[row.line]]
    people = [Person(name=r.name, email=r.email, external_id=r.external_id) for r in good]
    made = invite_people(
        interview=interview, people=people, expires_at=expires_at, now=now, actor=actor
    )
    links = {row.line: link for row, link in zip(good, made, strict=True)}
    return SheetReport(
        rows=tuple(
            RowReport(row=row, link=links.get(row.line), problem=problems[row.line]) for row in rows
        )
    )


def is_address(text: str) -> bool:
    """Whether `text` looks like an e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def invited_aliases(
    interview: Interview, addresses: Iterable[str], *, now: datetime
) -> dict[str, str]:
    """Return address -> alias of those who have a live invitation to the interview already."""
    wanted = {address.casefold() for address in addresses}
    live = Invitation.objects.filter(
        interview=interview, revoked_at=None, expires_at__gt=now
    ).exclude(candidate=None)
    pairs = live.values_list("candidate__email", "candidate__alias")
    return {
        email.casefold(): alias
        for email, alias in pairs
        if email and alias and email.casefold() in wanted
    }


def _known(row: SheetRow, known: Mapping[str, str]) -> str:
    alias = known.get(row.email.casefold())
    return f"Already invited to this interview, as {alias}." if alias else ""


def _cells(each: RowReport) -> tuple[object, ...]:
    row, link = each.row, each.link
    candidate = link.invitation.candidate if link else None
    return (
        row.line,
        row.name,
        row.email,
        row.external_id,
        candidate.alias if candidate else "",
        link.url if link else "",
        each.problem,
    )
