"""Pages of accounts and organizations, in both themes: nothing broken, nothing from outside."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import looked_at

pytestmark = pytest.mark.timeout(300)
LOOKS = {"light": DESKTOP, "dark": PHONE}


@pytest.mark.parametrize("scheme", LOOKS)
def test_an_owner_s_pages(candor, visitor, scheme):
    page = visitor(color_scheme=scheme, viewport=LOOKS[scheme], reduced_motion="reduce").sign_in()
    wrong = looked_at(page, "/account/", "/organization/", "/organization/audit/")
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill("nightly export")
    page.get_by_label("results:read").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("Key", exact=True)).to_have_value(re.compile("^cnd_"))
    wrong += looked_at(page, "")
    wrong += looked_at(page, "/accounts/password/change/", "/accounts/email/", "/accounts/2fa/")
    assert not wrong


@pytest.mark.parametrize("scheme", LOOKS)
def test_a_newcomer_s_pages(candor, visitor, scheme):
    owner = visitor().sign_in()
    owner.goto("/organization/")
    owner.get_by_label("E-mail address").fill(f"{scheme}@new.example")
    owner.get_by_role("button", name="Invite").click()
    link = owner.get_by_label("Link").input_value()
    look = {"color_scheme": scheme, "viewport": LOOKS[scheme], "reduced_motion": "reduce"}
    page = visitor(**look).page
    wrong = looked_at(page, "/accounts/signup/", link)
    page.get_by_role("button", name="Go on").click()
    wrong += looked_at(page, "")
    page.get_by_role("link", name="Make an account").click()
    wrong += looked_at(page, "")
    assert not wrong
