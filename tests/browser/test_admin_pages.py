"""Every kind of page of the admin, in both themes, on a desk and on a small phone.

axe runs every rule it has: nothing of the stock admin is left out. Its `preload` is off: it would
fetch the style sheets by script, which the content security policy refuses on purpose.
"""

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from analysis.demo import content
from analysis.demo.server import fresh_server
from tests.browser.conftest import DESKTOP, Visitor

pytestmark = pytest.mark.timeout(300)
SMALL = {"width": 360, "height": 740}
LOOKS = [("light", DESKTOP), ("dark", SMALL), ("light", SMALL), ("dark", DESKTOP)]
STAFF = "staff@larkfield.example"
COUNT_DEAD = "from ops.models import DeadLetter; print(DeadLetter.objects.count())"
REFERENCE_OF_A_LETTER = """
from ops.models import Attempt, DeadLetter
letter = DeadLetter.objects.filter(state="open").first()
found = Attempt.objects.filter(job=letter.job).exclude(support_reference="").latest("token")
print(found.support_reference, letter.state)
"""
TRIP = """
from ops.models import BreakerState
found = {"state": "open", "failures_in_row": 5, "trips": 1, "failure_code": "provider_5xx"}
BreakerState.objects.get_or_create(dependency="openai.chat", defaults=found)
"""
ROWS = ("interviews/session", "interviews/candidate", "ops/run", "recordings/recording")


def faults_of(page):
    """What axe finds on the page as it is, and whether it is wider than the screen."""
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    faults = [
        f"{page.url}: {each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found
        for node in each["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        faults.append(f"{page.url} is wider than the screen")
    return faults


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}")
def look(request):
    scheme, viewport = request.param
    return {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def candor():
    """A server with the demo and no speech engine: its transcriptions really give up."""
    with fresh_server(seed=("seed_demo",), environment={"LOCAL_ENGINES": "0"}) as server:
        deadline = time.monotonic() + 120
        while server.manage("shell", "-c", COUNT_DEAD).split()[-1] != "3":
            assert time.monotonic() < deadline, "nothing has given up"
            time.sleep(1)
        yield SimpleNamespace(url=server.url, server=server)


def test_lists_rows_and_confirmations(candor, visitor, look):
    page = visitor(**look).page
    page.goto("/admin/ops/deadletter/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    wrong = faults_of(page)
    page.locator("input[name=login]").fill(STAFF)
    page.locator("input[name=password]").fill(content.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()
    wrong += faults_of(page)  # a list with actions, filters, dates and a search
    page.locator(".action-select").first.check()
    page.get_by_label("Action:").select_option("retry")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("1 is ready for it.")).to_be_visible()
    wrong += faults_of(page)  # a confirmation
    page.goto("/admin/ops/job/?stage=transcribe&state__exact=dead")
    page.locator("#result_list tbody th a").first.click()
    expect(page.get_by_role("button", name="Retry…")).to_be_visible()
    page.get_by_text("Traceback").first.click()
    wrong += faults_of(page)  # a job with what happened to it
    for path in ROWS:
        page.goto(f"/admin/{path}/")
        page.locator("#result_list tbody th a").first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wrong += faults_of(page)
    page.get_by_role("navigation", name="What belongs to it").get_by_role("link").first.click()
    expect(page.get_by_text("Only those whose")).to_be_visible()
    wrong += faults_of(page)
    for path in (
        "",
        "overview/",
        "usage/?days=90",
        "caches/",
        "ops/",
        "ops/user/",
        "ops/auditentry/?q=nothing-like-it",
    ):
        page.goto(f"/admin/{path}")
        wrong += faults_of(page)
    page.goto("/admin/ops/user/")
    page.get_by_role("link", name="ines@larkfield.example").click()
    expect(page.get_by_label("Name")).to_be_visible()
    wrong += faults_of(page)  # one of the few forms that change something
    assert not wrong


def test_the_keyboard_alone_retries_a_dead_letter(candor, visitor):
    page = visitor().sign_in(STAFF)
    page.goto("/admin/ops/deadletter/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.locator(".action-select").first.focus()
    page.keyboard.press("Space")
    page.get_by_label("Action:").focus()
    page.keyboard.type("Retry")
    page.get_by_role("button", name="Go").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Reason").focus()
    page.keyboard.type("the model is there now")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Will be tried again: 1")).to_be_visible()


def test_staff_find_a_failure_by_its_reference_understand_it_and_drive_it_again(
    candor, visitor, look
):
    reference, _ = candor.server.manage("shell", "-c", REFERENCE_OF_A_LETTER).split()[-2:]
    page = visitor(**look).sign_in(STAFF)
    began = time.monotonic()
    page.goto("/admin/")
    page.get_by_role("link", name="By cause, and many at once").click()
    page.get_by_label("Support reference").fill(reference)
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("#result_list tbody th a").click()
    expect(page.get_by_text("Staff: read the error below").first).to_be_visible()
    expect(page.get_by_text(reference)).to_be_visible()
    expect(page.get_by_text("It waits for somebody")).to_be_visible()
    page.get_by_role("button", name="Retry…").click()
    page.get_by_label("Reason").fill("the key is set now")
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("Will be tried again: 1")).to_be_visible()
    assert time.monotonic() - began < 60


def test_groups_of_letters_breakers_and_alerts(candor, visitor, look):
    candor.server.manage("shell", "-c", TRIP)
    page = visitor(**look).sign_in(STAFF)
    page.goto("/admin/ops/deadletter/groups/")
    expect(page.get_by_text("candidate waits")).to_be_visible()
    wrong = faults_of(page)
    page.get_by_role("link", name="Discard").first.click()
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    wrong += faults_of(page)
    page.goto("/admin/ops/deadletter/groups/")
    page.get_by_role("link", name="Retry all…").click()
    page.get_by_label("Jobs a minute").fill("0.5")
    page.get_by_label("Reason").fill("the key is set now")
    page.get_by_role("button", name="How long does that take?").click()
    expect(page.get_by_label("Reason")).to_have_value("the key is set now")
    wrong += faults_of(page)
    page.goto("/admin/ops/deadletter/")
    page.get_by_text("What the states mean").click()
    wrong += faults_of(page)
    page.goto("/admin/ops/breakerstate/")
    page.get_by_text("What a circuit breaker does").click()
    wrong += faults_of(page)
    page.get_by_role("link", name="openai.chat").click()
    wrong += faults_of(page)
    page.get_by_role("button", name="Hold open…").click()
    expect(page.get_by_text("1 is ready for it.")).to_be_visible()
    wrong += faults_of(page)
    page.goto("/admin/ops/alert/")
    page.get_by_text("What is told").click()
    page.get_by_role("button", name="Send a test alert").click()
    expect(page.get_by_text("nobody would be told").first).to_be_visible()
    wrong += faults_of(page)
    assert not wrong


def both_themes(page):
    """What axe finds in light and in dark."""
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wrong += faults_of(page)
    return wrong


def test_a_wrong_address_and_an_old_form_are_pages_with_a_way_on(candor, visitor):
    guest = visitor(viewport=SMALL)
    page = guest.page
    page.goto("/nothing/here/")
    wrong = both_themes(page)
    page.get_by_role("link", name="Go to the start page").click()
    page.goto("/accounts/login/")
    guest.context.clear_cookies()
    page.locator("input[name=login]").fill(STAFF)
    page.locator("input[name=password]").fill(content.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="This page is too old to be sent")).to_be_visible()
    expect(page.get_by_text("Support reference")).to_be_visible()
    wrong += both_themes(page)
    # The browser itself reports the statuses on its console.
    guest.faults[:] = [fault for fault in guest.faults if "404" not in fault and "403" not in fault]
    assert not wrong


def test_staff_who_must_have_a_second_factor_are_led_to_it(browser):
    strict = {"LOCAL_ENGINES": "0", "STAFF_MFA": "1"}
    with fresh_server(seed=("seed_demo",), environment=strict) as server:
        page = Visitor(browser, server.url, viewport=SMALL).sign_in(STAFF)
        page.goto("/admin/ops/job/")
        wrong = both_themes(page)
        page.get_by_role("link", name="Set it up").click()
        page.get_by_label("Password").fill(content.PASSWORD)
        page.get_by_role("button").filter(has_not_text="Sign out").last.click()
        secret = page.get_by_label("Or type this secret in").input_value()
        wrong += both_themes(page)
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        page.get_by_label("Authenticator code").fill(code)
        page.get_by_role("button", name="Switch it on").click()
        expect(page.locator("code").first).to_be_visible()
        page.goto("/admin/ops/job/")
        wrong += both_themes(page)
        page.get_by_role("link", name="Give a code").click()
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        page.locator("input[name=code]").fill(code)
        page.locator("main").get_by_role("button").last.click()
        expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
        page.context.close()
    assert not wrong
