"""Staff and the admin: with STAFF_MFA nothing of it opens before the second factor was shown."""

import pytest
from django.test import Client

from ops.models import AuditEntry, Job, User
from tests.ops.lab import job_of
from tests.ops.test_admin import CONFIRMED, act, address, dead
from tests.ops.test_sign_up import confirm_it_is_me, sign_in, text, totp

ADMIN = "/admin/ops/job/?q=x"


@pytest.fixture(autouse=True)
def wanted(settings):
    settings.STAFF_MFA = True


@pytest.fixture
def staff_client(sam):
    client = Client()
    sign_in(client, sam.email)
    return client


def set_up(client):
    """Set up a second factor; return its secret."""
    confirm_it_is_me(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": totp(secret)})
    return secret


@pytest.mark.parametrize("path", ["", "usage/", "ops/job/", "interviews/candidate/", "jsi18n/"])
def test_staff_without_a_second_factor_are_led_to_set_it_up(staff_client, path):
    page = staff_client.get(f"/admin/{path}")
    assert page.status_code == 403
    assert 'href="/accounts/2fa/totp/activate/"' in text(page)
    assert "css/tokens.css" in text(page)


def test_nothing_is_done_without_the_second_factor(lab, staff_client):
    _, job = dead(lab)
    answer = staff_client.post(address(Job), act("retry", job, **CONFIRMED))
    assert answer.status_code == 403
    assert job_of("transcribe").state == Job.State.DEAD
    assert not AuditEntry.objects.filter(action="job.redriven").exists()


def test_from_no_factor_to_the_page_that_was_wanted(staff_client):
    secret = set_up(staff_client)
    page = staff_client.get(ADMIN)
    assert page.status_code == 403
    way = "/accounts/2fa/reauthenticate/?next=/admin/ops/job/%3Fq%3Dx"
    assert f'href="{way}"' in text(page)
    answer = staff_client.post(way, {"code": totp(secret)})
    assert (answer.status_code, answer["Location"]) == (302, ADMIN)
    assert staff_client.get(ADMIN).status_code == 200


def test_who_signs_in_with_the_factor_is_asked_nothing_more(sam, staff_client):
    secret = set_up(staff_client)
    later = Client()
    sign_in(later, sam.email)
    assert later.get("/admin/").status_code == 302  # not signed in yet
    later.post("/accounts/2fa/authenticate/", {"code": totp(secret)})
    assert later.get("/admin/").status_code == 200


def test_a_browser_that_was_signed_in_before_is_asked_too(sam, staff_client):
    before = Client()
    sign_in(before, sam.email)
    set_up(staff_client)
    assert before.get("/admin/").status_code == 403


def test_a_factor_that_is_switched_off_closes_the_admin_again(staff_client):
    secret = set_up(staff_client)
    staff_client.post("/accounts/2fa/reauthenticate/", {"code": totp(secret)})
    assert staff_client.get("/admin/").status_code == 200
    staff_client.post("/accounts/2fa/totp/deactivate/")
    assert staff_client.get("/admin/").status_code == 403


def test_others_find_nothing_whatever_the_setting(alice, signed_in):
    assert signed_in(alice).get("/admin/").status_code == 404
    assert Client().get("/admin/").status_code == 302


def test_without_the_setting_a_password_is_enough(settings, staff_client):
    settings.STAFF_MFA = False
    assert staff_client.get("/admin/").status_code == 200


def test_a_superuser_is_staff_like_any_other(sam, staff_client):
    User.objects.filter(pk=sam.pk).update(is_superuser=True)
    assert staff_client.get("/admin/ops/user/").status_code == 403
