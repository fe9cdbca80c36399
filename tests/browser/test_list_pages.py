"""Lists, invitations and reviewers in a browser: how their pages look, and what they do live."""

import re

import pytest
from playwright.sync_api import expect

from analysis.demo import content
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import looked_at

pytestmark = pytest.mark.timeout(300)
LOOKS = [("light", DESKTOP), ("dark", PHONE)]


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}")
def look(request):
    scheme, viewport = request.param
    return {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}


def open_board(page):
    page.goto("/")
    page.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).click()
    expect(page.locator(".board-row").last).to_be_visible()
    return page.url


def test_the_pages_of_invitations(candor, visitor, look):
    page = visitor(**look).sign_in()
    base = open_board(page)
    wrong = looked_at(page, f"{base}invitations/", f"{base}invitations/?q=nobody-at-all")
    wrong += looked_at(page, f"{base}invitations/csv/", f"{base}invitations/open/")
    page.get_by_label("What is this link for?").fill("Our page of jobs")
    page.locator("main form button[type=submit]").click()
    wrong += looked_at(page, "")
    page.goto(f"{base}invite/")
    page.get_by_label("Name", exact=True).fill("Ada 👩🏽‍🚀")
    page.get_by_label("Send the link by e-mail").uncheck()
    page.locator("main form button[type=submit]").click()
    wrong += looked_at(page, "")
    page.goto(f"{base}invitations/?q=Ada")
    page.locator("tbody a").first.click()
    invitation = page.url
    wrong += looked_at(page, "", f"{invitation}revoke/")
    assert not wrong


def test_the_lists_and_the_pages_of_reviewers(candor, visitor, look):
    page = visitor(**look).sign_in()
    wrong = looked_at(page, "/", "/?q=nothing-like-this", "/reviews/")
    base = open_board(page)
    wrong += looked_at(page, f"{base}?state=ready_for_review&q=e", f"{base}?q=nothing-like-this")
    page.goto(base)
    page.locator(".board-row__panel").last.click()
    expect(page.get_by_role("heading", name=re.compile("^Who reviews"))).to_be_visible()
    wrong += looked_at(page, "")
    page.locator("#member").select_option(index=1)
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("was assigned to")).to_be_visible()
    wrong += looked_at(page, "", "/", "/reviews/?show=done")
    page.goto(base)
    page.locator(".board-row__panel").last.click()
    page.get_by_role("button", name=re.compile("^Take back")).first.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    wrong += looked_at(page, "")
    assert not wrong


def test_the_list_of_interviews_is_searched_while_one_types(candor, visitor):
    page = visitor().sign_in()
    cards = page.locator(".card__link")
    expect(cards.first).to_be_visible()
    page.get_by_label("Title or your own number").fill("nothing-like-this")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=nothing-like-this"))
    expect(page.get_by_label("Title or your own number")).to_be_focused()
    page.get_by_label("Title or your own number").fill("")
    expect(cards.first).to_be_visible()


def test_the_board_is_searched_while_one_types_and_keeps_its_ticks(candor, visitor):
    page = visitor().sign_in()
    open_board(page)
    box = page.locator("input[name=session]").last
    box.check()
    row = page.locator(".board-row").last
    alias = row.get_attribute("data-name")
    row.evaluate("row => htmx.trigger(row, 'refresh')")
    page.wait_for_load_state("networkidle")
    expect(box).to_be_checked()
    page.locator("#q").fill(alias)
    expect(page.get_by_text(f"text: {alias}")).to_be_visible()
    expect(page.locator(".board-row")).to_have_count(1)
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("input[name=session]")).to_be_checked()
    page.locator("#q").fill("nothing-like-this")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_lists_work_without_script(candor, visitor):
    page = visitor(java_script_enabled=False).sign_in()
    base = open_board(page)
    alias = page.locator(".board-row").last.get_attribute("data-name")
    page.locator("#q").fill(alias)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text(f"text: {alias}")).to_be_visible()
    page.locator("input[name=session]").last.check()
    page.locator("#member").select_option(index=1)
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page).to_have_url(re.compile(f"{re.escape(base)}[?]q="))
    expect(page.get_by_role("status").filter(has_text="assigned to")).to_be_visible()


def test_the_first_look_at_a_link_is_kept(candor, visitor):
    guest, link = visitor().page, candor.link()
    with guest.expect_response(re.compile(r"/opened/$")) as told:
        guest.goto(link)
    assert told.value.status == 204
