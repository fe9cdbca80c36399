"""What candidates meet beside the plain way: practice, keyboard, a full device, closed doors."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import LOOKS, looked_at
from tests.browser.test_whole_way import press

pytestmark = pytest.mark.timeout(300)
LATEST = (
    "from interviews.models import Invitation, Session; from django.utils import timezone; "
    "session = Session.objects.latest('started_at'); "
)
REVOKE = LATEST + "Invitation.objects.filter(session=session).update(revoked_at=timezone.now())"
END = LATEST + "Session.objects.filter(pk=session.pk).update(deadline_at=timezone.now())"
FULL = """
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value) {
    if (value.blob) throw new DOMException("No room", "QuotaExceededError");
    return put.call(this, value);
  };
"""


def come_in(candor, page):
    page.goto(candor.link())
    press(page, "Start")
    page.locator("#scope-recording").check()
    press(page, "Save my answers and go on")
    expect(page.get_by_role("heading", name="Can we hear you?")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS[:2], ids=["light", "dark"])
def test_every_page_beside_the_way(candor, visitor, look):
    scheme, viewport = look
    guest = visitor(
        permissions=["microphone", "camera"],
        color_scheme=scheme,
        viewport=viewport,
        reduced_motion="reduce",
    )
    page = guest.page
    page.goto(candor.link())
    press(page, "Start")
    press(page, "Save my answers and go on")
    expect(page.get_by_text("You said no to being recorded")).to_be_visible()
    wrong = looked_at(page, "")
    page.locator("#scope-recording").check()
    press(page, "Save my answers and go on")
    wrong += looked_at(page, "/interview/practice/", "/interview/consent/", "/interview/withdraw/")
    press(page, "Withdraw from the interview")
    expect(page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    wrong += looked_at(page, "")
    come_in(candor, page)
    candor.server.manage("shell", "-c", END)
    page.goto("/interview/")
    expect(page.get_by_role("heading", name="The time for this interview is over")).to_be_visible()
    wrong += looked_at(page, "")
    candor.server.manage("shell", "-c", REVOKE)
    page.goto("/interview/")
    expect(page.get_by_role("heading", name="Your link was closed")).to_be_visible()
    wrong += looked_at(page, "")
    assert not wrong
    guest.faults[:] = [fault for fault in guest.faults if "410" not in fault]  # said by the browser


def test_the_practice_question_by_keyboard_alone_sends_nothing(candor, visitor):
    page = visitor(permissions=["microphone"]).page
    come_in(candor, page)
    page.goto("/interview/practice/")
    sent = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.get_by_role("button", name="Start practising").focus()
    for button in ("Record now", "Stop"):
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=button)).to_be_focused()
    expect(page.locator(".ring__clock")).to_have_text("0:28")  # so something was recorded
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="I am content with it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Go on to the questions")).to_be_focused()
    assert [request for request in sent if not request.startswith("GET")] == []


def test_a_device_without_room_loses_nothing_while_the_page_is_open(candor, visitor):
    page = visitor(permissions=["microphone"]).page
    page.add_init_script(FULL)
    come_in(candor, page)
    page.goto("/interview/questions/1/")
    press(page, "Start")
    press(page, "Record now")
    expect(page.get_by_text("Keep this page open")).to_be_visible()
    press(page, "Stop")
    press(page, "Send this answer")
    expect(page.get_by_text("Your answer has arrived")).to_be_visible(timeout=60_000)


def test_a_link_revoked_in_mid_answer_leaves_the_recording_on_the_device(candor, visitor):
    guest = visitor(permissions=["microphone"])
    page = guest.page
    come_in(candor, page)
    page.goto("/interview/questions/1/")
    press(page, "Start")
    press(page, "Record now")
    expect(page.locator(".ring__clock")).to_have_text("1:57")
    press(page, "Stop")
    candor.server.manage("shell", "-c", REVOKE)
    press(page, "Send this answer")
    expect(page.get_by_role("alert")).to_contain_text("The recording stays on this device")
    page.goto("/interview/")
    expect(page.get_by_text("One recording was not sent")).to_be_visible()
    press(page, "Delete them from this device")
    expect(page.get_by_text("Nothing of your recordings is left")).to_be_visible()
    guest.faults[:] = [f for f in guest.faults if "410" not in f and "401" not in f]


def test_a_second_tab_waits_and_goes_on_when_the_first_is_closed(candor, visitor):
    guest = visitor(permissions=["microphone"])
    page = guest.page
    come_in(candor, page)
    page.goto("/interview/questions/1/")
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    second = guest.context.new_page()
    second.goto("/interview/questions/1/")
    expect(second.get_by_text("open in another tab")).to_be_visible()
    page.close()
    expect(second.get_by_role("button", name="Start")).to_be_visible()


LINES = """async () => {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const line = await import(loaded.find((name) => name.includes("/uplink")));
  const found = [line.videoBits()];
  for (const [bytes, ms] of [[1000, 9000], [1e6, 50000], [1e6, 8000], [1e6, 800000]]) {
    line.noteUpload(bytes, ms);
    found.push(line.videoBits());
  }
  return found;
}"""


def test_the_picture_is_recorded_as_finely_as_the_line_carries(candor, visitor):
    page = visitor(permissions=["microphone", "camera"]).page
    come_in(candor, page)
    page.goto("/interview/questions/1/")
    # Nothing known; too little sent to tell; 160, then 1,000, then 10 kbit/s.
    assert page.evaluate(LINES) == [300_000, 300_000, 100_000, 300_000, 197_000]
