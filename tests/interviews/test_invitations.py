from datetime import timedelta

import pytest

from interviews import services
from interviews.models import Candidate, Interview, Invitation
from ops.conflicts import StateConflict
from tests import factories


def invite(interview, now, **changes):
    facts = {"name": "Carol", "email": "", "expires_at": now + timedelta(days=7)}
    return services.invite_candidate(interview=interview, now=now, **(facts | changes))


def test_a_link_opens_the_interview_it_was_made_for(interview, now):
    invitation, token = invite(interview, now)
    assert services.find_invitation(token=token, now=now) == invitation


def test_the_token_is_stored_nowhere(interview, now):
    _, token = invite(interview, now)
    stored = Invitation.objects.values_list().get()
    assert token not in " ".join(str(value) for value in stored)


def test_invited_people_get_aliases_of_their_own(interview, now):
    for _ in range(20):
        invite(interview, now)
    assert Candidate.objects.values("alias").distinct().count() == 20


def test_nobody_is_invited_to_a_draft(interview, now):
    interview.state = Interview.State.DRAFT
    with pytest.raises(StateConflict) as refused:
        invite(interview, now)
    assert refused.value.code == "interview_not_published"


def test_a_deadline_lies_in_the_future(interview, now):
    with pytest.raises(StateConflict):
        invite(interview, now, expires_at=now)


@pytest.mark.parametrize("why", ["wrong", "expired", "revoked", "nobody's"])
def test_a_link_that_opens_nothing_takes_one_query_like_any_other(
    interview, now, why, django_assert_num_queries
):
    invitation, token = invite(interview, now)
    changes = {
        "wrong": {"token_hash": "0" * 64},
        "expired": {"expires_at": now},
        "revoked": {"revoked_at": now},
        "nobody's": {"candidate": None},
    }[why]
    Invitation.objects.filter(pk=invitation.pk).update(**changes)
    with django_assert_num_queries(1):
        assert services.find_invitation(token=token, now=now) is None


def test_a_good_link_takes_one_query_too(interview, now, django_assert_num_queries):
    _, token = invite(interview, now)
    with django_assert_num_queries(1):
        assert services.find_invitation(token=token, now=now)


def test_a_link_of_another_organization_opens_that_ones_interview_only(interview, now):
    rival = factories.make_interview(factories.make_organization("Rival"))
    _, token = invite(rival, now)
    assert services.find_invitation(token=token, now=now).interview == rival
