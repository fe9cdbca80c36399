"""Links as members see them: who was invited, and how far it went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from interviews.models import Interview, Invitation, Session
from interviews.selectors.members import AT_WORK, FINISHED

PAGE_ROWS = 50
STATES = ("invited", "opened", "started", "submitted", "expired", "revoked")
LOST = (Session.State.EXPIRED, Session.State.WITHDRAWN, Session.State.ERASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFilter:
    """Which invitations are wanted; empty means any."""

    search: str = ""
    state: str = ""
    external_id: str = ""  # the whole of it


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    """An invitation in a list. `state` is started once a first answer was given."""

    id: UUID
    kind: str
    state: str
    name: str
    email: str
    alias: str
    external_id: str
    label: str
    uses: int
    max_uses: int | None
    token_prefix: str
    mail_state: str
    mailed_at: datetime | None
    created_at: datetime
    expires_at: datetime

    @property
    def is_open_link(self) -> bool:
        return self.kind == Invitation.Kind.OPEN

    @property
    def title(self) -> str:
        return self.name or self.label or self.token_prefix

    @property
    def can_renew(self) -> bool:
        return self.state not in ("expired", "revoked")

    @property
    def can_extend(self) -> bool:
        return self.state not in ("submitted", "revoked")

    @property
    def can_revoke(self) -> bool:
        return self.state != "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    """A page of invitations: those older than `before`; the next page is before `older`."""

    rows: tuple[InvitationRow, ...]
    before: UUID | None
    older: UUID | None


def invitations_of(
    interview: Interview, wanted: InvitationFilter, *, now: datetime
) -> QuerySet[Invitation]:
    """Return the interview's invitations with their uses and state, to be cut into pages."""
    rows = (
        Invitation.objects.filter(interview=interview)
        .with_uses()
        .annotate(standing=standing(now))
        .select_related("candidate")
    )
    if wanted.state:
        rows = rows.filter(standing=wanted.state)
    if wanted.external_id:
        rows = rows.filter(candidate__external_id=wanted.external_id)
    if wanted.search:
        text = wanted.search
        rows = rows.filter(
            Q(candidate__name__icontains=text)
            | Q(candidate__email__icontains=text)
            | Q(candidate__alias__icontains=text)
            | Q(candidate__external_id=text)
            | Q(label__icontains=text)
        )
    return rows


def standing(now: datetime) -> Case:
    """Return the word for how far an invitation went, the first that fits."""
    return Case(
        When(revoked_at__isnull=False, then=Value("revoked")),
        When(session__state__in=(*AT_WORK, *FINISHED), then=Value("submitted")),
        When(Q(session__state__in=LOST) | Q(expires_at__lte=now), then=Value("expired")),
        When(session__state=Session.State.IN_PROGRESS, then=Value("started")),
        When(
            Q(session__isnull=False) | Q(uses__gt=0) | Q(opened_at__isnull=False),
            then=Value("opened"),
        ),
        default=Value("invited"),
        output_field=CharField(),
    )


def invitation_page(
    interview: Interview, wanted: InvitationFilter, *, before: UUID | None, now: datetime
) -> InvitationPage:
    """Return a page of the interview's invitations, newest first, in at most two queries."""
    rows = invitations_of(interview, wanted, now=now)
    if before is not None:
        places = Invitation.objects.filter(interview=interview, pk=before)
        mark = places.values_list("created_at", "pk").first()
        if mark is not None:
            rows = rows.filter(Q(created_at__lt=mark[0]) | Q(created_at=mark[0], pk__lt=mark[1]))
    found = list(rows.order_by("-created_at", "-pk")[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return InvitationPage(
        rows=invitation_rows(shown),
        before=before,
        older=shown[-1].pk if len(found) > PAGE_ROWS else None,
    )


def invitation_row(invitation: Invitation, *, now: datetime) -> InvitationRow:
    """Return one invitation as it now stands."""
    rows = invitations_of(invitation.interview, InvitationFilter(), now=now)
    return invitation_rows([rows.get(pk=invitation.pk)])[0]


def invitation_rows(found: Iterable[Invitation]) -> tuple[InvitationRow, ...]:
    """Return a row for each invitation that `invitations_of` brought."""
    return tuple(_row(each) for each in found)


def _row(each: Invitation) -> InvitationRow:
    candidate = each.candidate
    return InvitationRow(
        id=each.pk,
        kind=each.kind,
        state=getattr(each, "standing"),  # noqa: B009 - an annotation, unknown to the type
        name=candidate.name if candidate else "",
        email=candidate.email if candidate else "",
        alias=candidate.alias if candidate else "",
        external_id=candidate.external_id if candidate else "",
        label=each.label,
        uses=each.uses,
        max_uses=each.max_uses,
        token_prefix=each.token_prefix,
        mail_state=each.mail_state,
        mailed_at=each.mailed_at,
        created_at=each.created_at,
        expires_at=each.expires_at,
    )
