"""Every page, on a desk and on a phone, in light and dark: nothing broken, nothing from outside."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from analysis.demo import content
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.timeout(300)
LOOKS = [
    ("light", DESKTOP),
    ("dark", PHONE),
    ("light", PHONE),
    ("dark", DESKTOP),
]


WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def violations(page, options=None):
    # axe preloads style sheets by inline means, and the policy of the page says no
    found = Axe().run(page, options={"preload": False, **(options or {})}).response["violations"]
    return [
        f"{page.url}: {each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found
        for node in each["nodes"]
    ]


def looked_at(page, *paths):
    """Visit each path; return what axe finds and what is wider than the screen."""
    wrong = []
    for path in paths:
        if path:
            page.goto(path)
        page.wait_for_load_state("networkidle")
        wrong += violations(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{page.url} is wider than the screen")
    return wrong


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}")
def look(request):
    scheme, viewport = request.param
    return {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}


def test_a_candidate_s_pages(candor, visitor, look):
    page = visitor(permissions=["microphone", "camera"], **look).page
    wrong = looked_at(page, candor.link())
    page.get_by_role("button", name="Start").click()
    wrong += looked_at(page, "/interview/consent/")
    page.locator("#scope-recording").check()
    page.get_by_role("button", name="Save my answers and go on").click()
    wrong += looked_at(
        page,
        "/interview/check/",
        "/interview/",
        *(f"/interview/questions/{order}/" for order in range(1, 5)),
        "/interview/questions/2/?mode=video",
    )
    assert not wrong


def test_the_public_pages(candor, visitor, look):
    page = visitor(**look).page
    assert not looked_at(page, "/", "/accounts/login/", "/accounts/password/reset/")


def test_an_interviewer_s_pages(candor, visitor, look):
    page = visitor(**look).sign_in()
    wrong = looked_at(page, "/")
    page.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).click()
    expect(page.locator(".board-row").last).to_be_visible()
    board = page.url
    wrong += looked_at(page, "")
    page.locator(".board-row").last.get_by_role("link").first.click()
    expect(page.locator("#question-1")).to_be_visible()
    wrong += looked_at(page, "")
    page.goto(board)
    page.get_by_role("link", name="Invite a candidate").first.click()
    wrong += looked_at(page, "")
    wrong += looked_at(page, f"{board}agreement/")
    wrong += looked_at(page, "/costs/", "/costs/?month=2020-01", "/organization/budget/")
    assert not wrong


def test_a_designer_s_pages(candor, visitor, look):
    designer = visitor(**look)
    page = designer.sign_in()
    wrong = looked_at(page, "/interviews/new/")
    page.get_by_label("Title").fill("Night nurse 👩🏽‍🚀 <b>")
    page.get_by_role("button", name="Make it").click()
    wrong += looked_at(page, "")
    page.get_by_role("button", name="Add a question").click()
    page.get_by_label("Question", exact=True).fill("Why do you want to work at night?")
    expect(page.get_by_text("All changes saved")).to_be_visible()
    page.get_by_role("button", name="Duplicate question 1").click()
    expect(page.get_by_label("Question", exact=True)).to_have_count(2)
    page.get_by_label("Question", exact=True).last.fill("Typed and not saved yet")
    page.get_by_role("button", name="Move question 2 up").click()
    expect(page.get_by_label("Question", exact=True).first).to_have_value("Typed and not saved yet")
    page.get_by_role("button", name="Remove question 1").click()
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_label("Question", exact=True)).to_have_count(2)
    editor = page.url.split("#")[0]
    page.get_by_text("Suggest questions").click()
    page.get_by_role("button", name="Suggest a question").click()
    expect(page.get_by_role("button", name="Add to interview")).to_have_count(1)
    page.get_by_role("button", name="Another one").click()
    expect(page.get_by_role("button", name="Add to interview")).to_have_count(2)
    wrong += looked_at(page, "")
    page.get_by_role("button", name="Add to interview").first.click()
    expect(page.get_by_label("Question", exact=True)).to_have_count(3)
    wrong += looked_at(page, editor.replace("/edit/", "/suggestions/"), "/competencies/library/")
    wrong += looked_at(page, editor.replace("/edit/", "/preview/"), "/competencies/new/")
    wrong += looked_at(page, "/competencies/")
    page.locator(".card__link").first.click()
    wrong += looked_at(page, "", editor)
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_role("link", name="Invite a candidate")).to_be_visible()
    wrong += looked_at(page, "")
    assert not wrong


def test_two_designers_at_once_lose_nothing(candor, visitor):
    first, second = visitor(), visitor()
    page, other = first.sign_in(), second.sign_in()
    page.goto("/interviews/new/")
    page.get_by_label("Title").fill("Two at once")
    page.get_by_role("button", name="Make it").click()
    other.goto(page.url)
    page.get_by_label("Introduction").fill("The first text")
    expect(page.get_by_text("All changes saved")).to_be_visible()
    other.get_by_label("Introduction").fill("The second text")
    expect(other.get_by_role("alert")).to_contain_text("The first text")
    assert not violations(other)
    expect(other.get_by_label("Introduction")).to_have_value("The second text")
    other.get_by_role("button", name="Keep mine").click()
    expect(other.get_by_text("All changes saved")).to_be_visible()
    page.get_by_label("Introduction").fill("The third text")
    page.get_by_role("link", name="Take theirs").click()
    expect(page.get_by_label("Introduction")).to_have_value("The second text")
    for each in (first, second):  # the browser itself reports the 409 on its console
        each.faults[:] = [fault for fault in each.faults if "409" not in fault]


DRAWN_WITHIN_MS = 60_000  # both draw every route at once


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS[:2], ids=["light", "dark"])
def test_the_reference_of_the_api(candor, visitor, scheme, viewport):
    page = visitor(color_scheme=scheme, viewport=viewport).page
    page.goto("/docs")
    expect(page.locator(".opblock").first).to_be_attached(timeout=DRAWN_WITHIN_MS)
    page.wait_for_load_state("networkidle")  # the visitor keeps what the console says
    assert not violations(page, WCAG)  # the order of headings is the package's own, and left so


def test_the_reference_to_read(candor, visitor):
    """Without axe, which needs minutes for the thousands of lines; what is in it is Redoc's."""
    page = visitor().page
    page.goto("/redoc")
    expect(page.locator("[data-item-id]").first).to_be_attached(timeout=DRAWN_WITHIN_MS)
    expect(page.get_by_text("API docs by Redocly")).to_be_attached()  # with its picture left out
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_staff_s_pages(candor, visitor, scheme):
    page = visitor(color_scheme=scheme).sign_in("staff@larkfield.example")
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()
    lists = page.eval_on_selector_all(
        "#content-main th a", "links => links.map(link => link.getAttribute('href'))"
    )
    assert len(lists) > 30
    wrong = looked_at(page, "/admin/", "/admin/usage/", "/admin/ops/job/", "/admin/ops/user/")
    for path in lists:  # every list and a row of it: the visitor keeps what the console says
        assert page.goto(path).status == 200
        row = page.locator("#result_list tbody th a").first
        if row.count():
            page.goto(row.get_attribute("href"))
            assert page.locator("#content h1").is_visible()
    wrong += looked_at(page, page.url)
    assert not wrong


def test_a_wrong_link_is_a_page_that_says_what_to_do(candor, visitor):
    guest = visitor()
    answer = guest.page.goto("/i/no-such-link/")
    assert answer.status == 404
    assert not violations(guest.page)
    # The browser itself reports the 404 on its console.
    guest.faults[:] = [fault for fault in guest.faults if "404" not in fault]
