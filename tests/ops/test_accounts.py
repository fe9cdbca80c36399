"""Accounts: sign-in is by e-mail, whatever its case."""

from interviews.models import Assignment, Session
from ops.models import User


def test_an_email_is_stored_in_lower_case(db):
    user = User.objects.create_user("Dora@Example.ORG", "x")
    assert user.email == "dora@example.org"


def test_a_member_sees_only_her_organizations_sessions(session, alice, charlie, principal):
    assert list(Session.objects.visible_to(principal(alice))) == [session]
    assert not Session.objects.visible_to(principal(charlie)).exists()


def test_a_reviewer_sees_only_what_is_assigned(session, rita, principal):
    assert not Session.objects.visible_to(principal(rita)).exists()
    Assignment.objects.create(session=session, member=rita.membership)
    assert list(Session.objects.visible_to(principal(rita))) == [session]
