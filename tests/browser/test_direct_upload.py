"""Recordings travel between the browser and the S3 server, past Candor, whole or in parts."""

import re
import time
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from analysis.demo import content
from analysis.demo.server import fresh_server
from recordings import object_server
from tests.browser.test_candidate_pages import come_in
from tests.browser.test_whole_way import press
from tests.media import samples

pytestmark = pytest.mark.timeout(300)
PREPARED_MS = 60_000
SMALL_PARTS = {"MULTIPART_FROM_BYTES": str(5 * 1024**2), "UPLOAD_PART_BYTES": str(5 * 1024**2)}


@pytest.fixture(scope="module")
def candor():
    """A fresh server with an S3 server beside it."""
    environment = {"STORAGE": "s3", "LOCAL_ENGINES": "0", **SMALL_PARTS}
    with fresh_server(environment=environment) as server:
        store = object_server.existing(server.data_dir / "objects")
        give_up = time.monotonic() + 60
        while not store.is_up() and time.monotonic() < give_up:
            time.sleep(0.2)

        def link():
            printed = server.manage("seed_demo")
            return re.search(r"http://\S+/i/\S+", printed).group(0)

        yield SimpleNamespace(url=server.url, link=link, server=server, store=store.url)


@pytest.fixture
def guest(candor, visitor):
    """A candidate whose requests to the S3 server are noted: (method, part) in order."""
    come = visitor(permissions=["microphone"])
    come.store_requests = []

    def requested(request):
        if request.url.startswith(candor.store):
            part = parse_qs(urlsplit(request.url).query).get("partNumber", [""])[0]
            come.store_requests.append((request.method, part))

    come.page.on("request", requested)
    yield come
    come.faults[:] = [f for f in come.faults if f"outside request: {candor.store}" not in f]


def test_an_answer_is_sent_past_us_and_played_from_there(candor, visitor, guest):
    page = guest.page
    come_in(candor, page)
    page.goto("/interview/questions/1/")
    press(page, "Start")
    press(page, "Record now")
    expect(page.locator(".ring__clock")).to_have_text("1:57")
    press(page, "Stop")
    press(page, "Send this answer")
    expect(page.get_by_text("Your answer has arrived")).to_be_visible(timeout=PREPARED_MS)
    puts = [request for request in guest.store_requests if request[0] == "PUT"]
    assert puts == [("PUT", "")]

    reviewer = visitor()
    board = reviewer.sign_in()
    board.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).click()
    board.locator(".board-row").last.get_by_role("link").first.click()
    player = board.locator("#question-1 audio")
    player.evaluate("audio => audio.play()")
    board.wait_for_function("audio => audio.currentTime > 0.3", arg=player.element_handle())
    assert any(f"outside request: {candor.store}" in fault for fault in reviewer.faults)
    reviewer.faults[:] = [f for f in reviewer.faults if candor.store not in f]


def test_parts_go_again_one_by_one_and_on_after_a_reload(candor, guest, tmp_path):
    file = samples.tone(tmp_path, seconds=65, rate_hz=44100, channels=2)  # 11 MB: three parts
    page = guest.page
    come_in(candor, page)
    broken, held = [], []

    def breaking(route):
        part = parse_qs(urlsplit(route.request.url).query)["partNumber"][0]
        if part == "2" and not broken:
            broken.append(route.abort("connectionreset"))
        elif part == "3" and not held:
            held.append(route)  # it hangs until the page is gone
        else:
            route.continue_()

    page.route(f"{candor.store}/**", breaking)
    page.goto("/interview/questions/3/")
    page.get_by_text("Use a file that you have already recorded").click()
    page.get_by_label("Audio or video file").set_input_files(file)
    press(page, "Send this answer")
    expect(page.locator("[data-upload-text]")).to_have_text("91 %", timeout=PREPARED_MS)
    page.reload()
    press(page, "Send this answer")
    expect(page.get_by_text("Your answer has arrived")).to_be_visible(timeout=PREPARED_MS)
    puts = [part for method, part in guest.store_requests if method == "PUT"]
    assert puts == ["1", "2", "2", "3", "3"]  # the first one only once, also after the reload
    guest.faults[:] = [fault for fault in guest.faults if "ERR_CONNECTION_RESET" not in fault]
