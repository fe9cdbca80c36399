"""Any number of sessions of one interview in seconds: written by one statement of SQLite."""

from benchmarks.job_rows import AGO, insert_rows
from interviews.models import Interview, Session

MONTH_S = 30 * 86400


def add_sessions(interview: Interview, like: Session, count: int) -> None:
    """Add sessions of the same candidate, begun evenly within 30 days; each tenth waits."""
    state = "case when n % 10 = 0 then 'ready_for_review' else 'decided' end"
    begun = AGO.format(seconds=f"n * {MONTH_S}.0 / {count}")
    insert_rows(
        Session,
        count,
        {
            "id": f"printf('%032x', {Session.objects.count()} + n)",
            "organization_id": f"'{interview.organization_id.hex}'",
            "version_id": str(like.version_id),
            "candidate_id": f"'{like.candidate_id.hex}'",
            "external_id": "''",
            "state": state,
            "ai_mode": "'assist'",
            "created_at": begun,
            "missing": "'[]'",
        },
    )
