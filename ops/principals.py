"""Who is asking: the one value that every permission question starts from. Pure."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Role = Literal["owner", "interviewer", "reviewer"]
SCOPES = (
    "results:read",
    "reviews:write",
    "interviews:write",
    "urls:issue",
    "runs:start",
    "organization:manage",
    "ops:manage",
)
SPECIAL_SCOPES = ("organization:manage", "ops:manage")  # a key gets them only when asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A member (by session or API key), a candidate (by link), or nobody.

    `scopes` limits what an API key may do; a browser session of a member carries all of them.
    """

    kind: Literal["member", "candidate", "anonymous"]
    user_id: int | None = None
    organization_id: UUID | None = None
    role: Role | None = None
    is_staff: bool = False
    scopes: frozenset[str] = frozenset()
    session_id: UUID | None = None  # candidates: the one Session the link opens

    @property
    def key(self) -> str:
        """A stable name for caches, throttles and audit rows."""
        if self.kind == "candidate":
            return f"candidate:{self.session_id}"
        return f"member:{self.user_id}" if self.kind == "member" else "anonymous"

    @property
    def can_design(self) -> bool:
        return self.role in ("owner", "interviewer")


NOBODY = Principal(kind="anonymous")
