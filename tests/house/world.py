"""Everybody who may ask, and three places of the same shape: one's own, a neighbour's, a rival's.

`Place.values` has an id for every name that a route's path, query or body uses.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from interviews import candidate_cookie, services
from interviews.models import Assignment, Session
from interviews.notices import consent_notice
from ops import tokens
from ops.colleagues import colleague_id
from ops.members import invite_member, remove_member
from ops.models import ApiKey, BreakerState, DeadLetter, Job
from ops.principals import SCOPES
from ops.services import create_api_key, revoke_api_key
from recordings import services as recording_services
from tests import factories
from tests.analysis import rows


@dataclass(frozen=True)
class Place:
    """A processed session to look at, and a candidate's session in progress."""

    values: dict
    reviewed: Session
    answering: Session


def make_place(interview, *, alias):
    """Build both sessions of a place by the product's own services where they have a say."""
    reviewed, recordings, run = rows.ready_session(interview, mode="video", alias=f"{alias} 1")
    job = die(run.jobs.get(stage="evaluate"))
    answering = begin_answering(interview, alias=f"{alias} 2")
    response = answering.responses.order_by("question__order").first()
    take = recording_services.start_take(response=response, mode="audio", now=timezone.now())
    grant = recording_services.grant_upload(
        take=take, size_bytes=9, content_type="audio/ogg", sha256="", now=timezone.now()
    )
    invitation, token = factories.make_invitation(interview, alias=f"{alias} 3")
    team = make_team(interview.organization, alias=alias)
    assignment = Assignment.objects.create(session=reviewed, member_id=team["membership_id"])
    values = {
        "key": interview.key,
        "interview_key": interview.key,
        "session_id": reviewed.pk,
        "recording_id": recordings[0].pk,
        "run_id": run.pk,
        "job_id": job.public_id,
        "public_id": job.public_id,
        "response_id": response.pk,
        "take_id": take.pk,
        "upload_id": grant.upload_id,
        "invitation_id": invitation.pk,
        "token": token,
        "question_id": response.question_id,
        "rubric_id": response.question.competencies.get().rubric_id,
        "competency_id": interview.organization.competency_set.first().pk,
        "order": 1,
        "number": 1,
        "step": "close",
        "notice_hash": consent_notice(interview).content_hash,
        "assignment_id": assignment.public_id,
        **team,
    }
    return Place({name: str(value) for name, value in values.items()}, reviewed, answering)


def make_team(organization, *, alias):
    """The ids of a colleague with a key, and of an invitation to become one."""
    now = timezone.now()
    colleague = factories.make_member(organization, f"{alias.lower()}@team.test", "reviewer")
    key, _ = create_api_key(user=colleague, name=alias, scopes=[], now=now)
    invitation, token = invite_member(
        organization=organization,
        email=f"{alias.lower()}@invited.test",
        role="reviewer",
        actor="test",
        now=now,
    )
    return {
        "membership_id": colleague.membership.pk,
        "member_id": colleague_id(colleague.membership),
        "api_key_id": key.pk,
        "member_invitation_id": invitation.pk,
        "join_token": token,
    }


def begin_answering(interview, *, alias):
    """A candidate's session with her consent, as the product starts it."""
    invitation, _ = factories.make_invitation(interview, alias=alias)
    session = services.start_session(invitation=invitation, now=timezone.now())
    granted = {"recording": True, "ai_analysis": True}
    return services.record_consents(session=session, granted=granted, now=timezone.now())


def die(job):
    """Have a job given up, as the runner leaves it."""
    Job.objects.filter(pk=job.pk).update(**rows.DEAD)
    DeadLetter.objects.create(
        job=job,
        fingerprint="f" * 64,
        failure_code="invalid_media",
        expires_at=timezone.now() + timedelta(days=30),
    )
    return job


def unknown_values():
    """The same names with ids of nothing."""
    names = (
        "session_id", "recording_id", "run_id", "job_id", "public_id", "response_id", "take_id",
        "upload_id", "invitation_id", "member_invitation_id", "api_key_id", "question_id",
        "competency_id", "member_id", "assignment_id", "rubric_id",
    )  # fmt: skip
    return {name: str(uuid.uuid4()) for name in names} | {
        "key": "no-such-key1",
        "interview_key": "no-such-key1",
        "token": tokens.new_token(),
        "join_token": tokens.new_token(),
        "membership_id": "999999",
        "order": "1",
        "number": "1",
        "step": "close",
        "notice_hash": "0",
    }


class World:
    """The places and, by name, the client of everybody who may ask."""

    def __init__(self):
        BreakerState.objects.create(dependency="openai.chat")
        acme, rival = (factories.make_organization(name) for name in ("Acme", "Rival"))
        interview = factories.make_interview(acme)
        self.own = make_place(interview, alias="Heron")
        self.neighbour = make_place(interview, alias="Wren")
        self.rival = make_place(factories.make_interview(rival), alias="Crow")
        self.unknown = unknown_values()
        members = make_members(acme, rival)
        Assignment.objects.create(session=self.own.reviewed, member=members["assigned"].membership)
        self.askers = {
            "anonymous": Client(),
            **{name: signed_in(user) for name, user in members.items()},
            **self.candidates(interview),
            **make_keys(members),
        }
        # Both were signed in, and had keys, before this.
        remove_member(membership=members["removed"].membership, actor="test", now=timezone.now())
        members["disabled"].is_active = False
        members["disabled"].save()

    def candidates(self, interview):
        late, revoked = (begin_answering(interview, alias=a) for a in ("Late", "Revoked"))
        browsers = {
            "candidate": came_in(self.own.answering),
            "other_candidate": came_in(self.neighbour.answering),
            "late_candidate": came_in(late),
            "revoked_candidate": came_in(revoked),
        }
        Session.objects.filter(pk=late.pk).update(deadline_at=timezone.now())
        revoked.invitation.revoked_at = timezone.now()
        revoked.invitation.save()
        return browsers


def make_members(acme, rival):
    """Name -> user."""
    return {
        "owner": factories.make_member(acme, "owner@acme.test", "owner"),
        "interviewer": factories.make_member(acme, "interviewer@acme.test", "interviewer"),
        "staff": factories.make_member(acme, "staff@acme.test", "interviewer", is_staff=True),
        "assigned": factories.make_member(acme, "assigned@acme.test", "reviewer"),
        "reviewer": factories.make_member(acme, "reviewer@acme.test", "reviewer"),
        "stranger": factories.make_member(rival, "owner@rival.test", "owner"),
        "foreign_staff": factories.make_member(rival, "staff@rival.test", "owner", is_staff=True),
        "removed": factories.make_member(acme, "removed@acme.test", "owner"),
        "disabled": factories.make_member(acme, "disabled@acme.test", "owner"),
    }


def make_keys(members):
    """Name -> client with an API key: one per scope, and those that should open nothing."""
    most = [scope for scope in SCOPES if scope != "ops:manage"]
    wanted = {
        "key_results": (members["owner"], ["results:read"]),
        "key_reviews": (members["owner"], ["reviews:write"]),
        "key_write": (members["owner"], ["interviews:write"]),
        "key_urls": (members["owner"], ["urls:issue"]),
        "key_runs": (members["owner"], ["runs:start"]),
        "key_organization": (members["owner"], ["organization:manage"]),
        "key_ops": (members["staff"], ["ops:manage"]),
        "key_none": (members["owner"], []),
        "key_all": (members["owner"], most),
        "key_expired": (members["owner"], most),
        "key_revoked": (members["owner"], most),
        "key_removed": (members["removed"], most),
        "key_disabled": (members["disabled"], most),
        "key_assigned": (members["assigned"], most),
        "key_reviewer": (members["reviewer"], most),
        "key_stranger": (members["stranger"], most),
    }
    now = timezone.now()
    made = {
        name: create_api_key(user=user, name=name, scopes=scopes, now=now)
        for name, (user, scopes) in wanted.items()
    }
    revoke_api_key(key=made["key_revoked"][0], actor="test", now=now)
    ApiKey.objects.filter(pk=made["key_expired"][0].pk).update(expires_at=now)
    return {
        name: Client(headers={"Authorization": f"Bearer {key}"}) for name, (_, key) in made.items()
    }


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def came_in(session):
    """The browser of a candidate who pressed Start."""
    answer = HttpResponse()
    candidate_cookie.set_cookie(answer, session, now=timezone.now())
    client = Client()
    client.cookies = answer.cookies
    return client
