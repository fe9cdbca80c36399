"""Fetch and authorise in one call; what one may not see does not exist."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from ops import subjects
from ops.models import ApiKey, Job, MemberInvitation, Membership, Organization, Run
from ops.principals import Principal


def access_run(principal: Principal, run_id: UUID) -> Run:
    """Return the run, for somebody who may follow its subject.

    Raises: Http404
    """
    run = Run.objects.filter(pk=run_id).first()
    if run is None or not can_follow(principal, run):
        raise Http404
    return run


def access_job(principal: Principal, public_id: UUID) -> Job:
    """Return the job with its run, for somebody who may follow the run.

    Raises: Http404
    """
    job = Job.objects.select_related("run").filter(public_id=public_id).first()
    if job is None or not can_follow(principal, job.run):
        raise Http404
    return job


def can_follow(principal: Principal, run: Run) -> bool:
    """Whether the run is of the principal's organization and about something she may see."""
    if principal.organization_id != run.organization_id:
        return False
    try:
        subject = subjects.get(run.subject_kind)
    except KeyError:
        return False
    return subject.access(principal, str(run.subject_id))


def can_watch_board(principal: Principal, key: str) -> bool:
    """Whether the principal may open the live board `key` (of what she may see on it)."""
    return principal.kind == "member" and subjects.get("interview").access(principal, key)


def visible_runs(principal: Principal) -> QuerySet[Run]:
    """Return the runs whose subjects the principal may follow."""
    if principal.organization_id is None:
        return Run.objects.none()
    about = Q(pk__in=[])
    for subject in subjects.known():
        if subject.visible is not None:
            ids = subject.visible(principal)
            about |= Q(subject_kind=subject.kind, subject_id__in=ids)
    return Run.objects.filter(about, organization_id=principal.organization_id)


def visible_jobs(principal: Principal) -> QuerySet[Job]:
    """Return the jobs of the runs that the principal may follow.

    Each is judged for itself, so that a page of the newest never gathers all of her runs.
    """
    jobs = Job.objects.select_related("run")
    if principal.organization_id is None:
        return jobs.none()
    about = Q(pk__in=[])
    for subject in subjects.known():
        if subject.visible is not None:
            hers = subject.visible(principal).filter(pk=OuterRef("subject_id"))
            about |= Q(Exists(hers), subject_kind=subject.kind)
    own = Run.objects.filter(about, organization_id=principal.organization_id)
    return jobs.filter(Exists(own.filter(pk=OuterRef("run_id"))))


def own_organization(principal: Principal) -> Organization:
    """Return the organization that the principal belongs to.

    Raises: Http404
    """
    if principal.organization_id is None:
        raise Http404
    return Organization.objects.get(pk=principal.organization_id)


def access_organization(principal: Principal) -> Organization:
    """Return the principal's organization, for its owners.

    Raises: Http404
    """
    if principal.role != "owner" or principal.organization_id is None:
        raise Http404
    return Organization.objects.get(pk=principal.organization_id)


def access_member(principal: Principal, membership_id: int) -> Membership:
    """Return a live membership of the organization that the principal owns.

    Raises: Http404
    """
    members = Membership.objects.select_related("user", "organization").filter(removed_at=None)
    found = members.filter(
        pk=membership_id, organization_id=access_organization(principal).pk
    ).first()
    if found is None:
        raise Http404
    return found


def access_member_invitation(principal: Principal, invitation_id: UUID) -> MemberInvitation:
    """Return an invitation to the organization that the principal owns.

    Raises: Http404
    """
    found = MemberInvitation.objects.filter(
        pk=invitation_id, organization_id=access_organization(principal).pk
    ).first()
    if found is None:
        raise Http404
    return found


def access_api_key(principal: Principal, key_id: UUID) -> ApiKey:
    """Return a key of the principal's own, or for an owner any key of the organization.

    Raises: Http404
    """
    found = visible_keys(principal).filter(pk=key_id).first()
    if found is None:
        raise Http404
    return found


def visible_keys(principal: Principal) -> QuerySet[ApiKey]:
    """Return the keys the principal may list and revoke, newest first."""
    keys = ApiKey.objects.select_related("user__membership").order_by("-created_at")
    if principal.organization_id is None or principal.user_id is None:
        return keys.none()
    keys = keys.filter(user__membership__organization_id=principal.organization_id)
    return keys if principal.role == "owner" else keys.filter(user_id=principal.user_id)
