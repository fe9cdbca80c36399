"""A reviewer at work: a scorecard saves itself, two windows lose nothing, submitting freezes."""

import pytest
from playwright.sync_api import expect

from analysis.demo import content
from tests.browser.test_every_page import LOOKS, looked_at, violations

pytestmark = pytest.mark.timeout(300)
SAVED_MS = 4_000  # it saves within two seconds; a busy machine gets some more


def open_session(page):
    """Go to the session that the demo's candidate has submitted; return its address."""
    page.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).first.click()
    page.locator(".board-row").last.locator("h2 a").click()
    expect(page.locator("#question-1")).to_be_visible()
    return page.url.split("#")[0]


def begun(visitor, email, **look):
    """A page with a scorecard that is being written."""
    page = visitor(**look).sign_in(email)
    open_session(page)
    if page.locator("#scorecard-begin").count():
        page.locator("#scorecard-begin").click()
    expect(page.locator("[data-scorecard]")).to_be_visible()
    return page


def is_saved(page):
    expect(page.locator("[data-status]")).to_have_text("Saved", timeout=SAVED_MS)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}")
def test_a_reviewer_s_pages(candor, visitor, look):
    scheme, viewport = look
    how = {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}
    page = begun(visitor, content.PEOPLE[1].email, **how)
    session = page.url.split("#")[0]
    paths = (session, f"{session}scorecard/", f"{session}scorecard/submit/", f"{session}print/")
    assert not looked_at(page, *paths)


def test_a_scorecard_saves_itself_and_is_frozen_once_it_is_submitted(candor, visitor):
    page = begun(visitor, content.PEOPLE[2].email)
    expect(page.get_by_text("Judge for yourself first")).to_be_visible()
    expect(page.get_by_text("What software suggests")).to_have_count(1)  # in the notice alone
    page.keyboard.press("s")
    page.keyboard.press("4")
    expect(page.locator("[data-scale]").first.get_by_role("radio").nth(3)).to_be_checked()
    is_saved(page)
    page.get_by_label("Note on Problem solving").fill("4 causes, one test each")
    is_saved(page)
    page.reload()
    expect(page.get_by_label("Note on Problem solving")).to_have_value("4 causes, one test each")
    page.get_by_label("Summary").fill("Typed just before the button")
    page.get_by_role("button", name="Submit…").click()
    expect(page.get_by_text("Typed just before the button")).to_be_visible()
    expect(page.get_by_role("heading", name="Not rated yet")).to_be_visible()
    page.get_by_role("button", name="Submit without them").click()
    expect(page.get_by_role("heading", name="What reviewers say")).to_be_visible()
    expect(page.locator("[data-scorecard]")).to_have_count(0)
    assert not violations(page)


def test_a_scorecard_in_two_windows_loses_nothing(candor, visitor):
    page = begun(visitor, content.PEOPLE[0].email)
    second = visitor()
    other = second.sign_in(content.PEOPLE[0].email)
    other.goto(page.url)
    page.get_by_label("Summary").fill("The first text")
    is_saved(page)
    other.get_by_label("Summary").fill("The second text")
    expect(other.get_by_role("alert")).to_contain_text("The first text")
    expect(other.get_by_label("Summary")).to_have_value("The second text")
    assert not violations(other)
    other.get_by_role("button", name="Keep what is here").click()
    is_saved(other)
    page.reload()
    expect(page.get_by_label("Summary")).to_have_value("The second text")
    # The browser itself reports the 409 on its console.
    second.faults[:] = [fault for fault in second.faults if "409" not in fault]
