"""What the audit trail calls each action, in people's words. Data only."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "organization.founded": _("founded the organization"),
    "budget.changed": _("changed the monthly budget"),
    "cache.cleared": _("cleared a cache"),
    "member.signed_in": _("signed in"),
    "member.invited": _("invited a member"),
    "member.invitation_revoked": _("revoked an invitation"),
    "member.joined": _("joined"),
    "member.role_changed": _("changed a role"),
    "member.removed": _("removed a member"),
    "api_key.created": _("made an API key"),
    "api_key.revoked": _("revoked an API key"),
    "interview.created": _("made an interview"),
    "interview.duplicated": _("duplicated an interview"),
    "interview.removed": _("deleted a draft"),
    "interview.published": _("published an interview"),
    "interview.closed": _("closed an interview"),
    "interview.reopened": _("opened an interview again"),
    "invitation.created": _("invited candidates"),
    "invitation.open_link_created": _("made a link for many"),
    "invitation.extended": _("extended an invitation"),
    "invitation.renewed": _("sent a new link"),
    "invitation.revoked": _("revoked a link"),
    "session.withdrawn": _("withdrew from the interview"),
    "recording.deleted": _("deleted a recording at the end of its time"),
    "recording.restore_requested": _("asked for a recording out of the archive"),
    "review.assigned": _("assigned a reviewer"),
    "review.unassigned": _("took a reviewer off"),
    "scorecard.submitted": _("submitted a scorecard"),
    "scorecard.reopened": _("began to judge again"),
    "scorecard.amended": _("amended a scorecard"),
    "scorecard.discarded": _("discarded a draft of a scorecard"),
    "run.cancelled": _("cancelled an analysis"),
    "job.redriven": _("retried a step"),
    "job.cancelled": _("cancelled a step"),
    "job.rescheduled": _("moved a step in the queue"),
    "dead_letter.discarded": _("discarded a dead letter"),
    "dead_letter.many_discarded": _("discarded dead letters"),
    "dead_letter.expired": _("dead letter expired"),
    "breaker.forced_open": _("held a circuit breaker open"),
    "breaker.forced_closed": _("held a circuit breaker closed"),
    "breaker.released": _("let a circuit breaker judge by itself"),
    "alert.tested": _("sent a test alert"),
}


def in_words(action: str) -> str:
    """Return what an action is called; what staff do to rows is called as it is stored."""
    return str(WORDS.get(action, action))
