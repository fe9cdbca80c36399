"""A real server, Debian's chromium, and a microphone that speaks."""

import os
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect, sync_playwright

from analysis.demo import content
from analysis.demo.server import fresh_server
from tests.house.tree import ROOT

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
SPOKEN = ROOT / "tests/samples/librivox-4.ogg"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# A file that stays on this machine may be asked for; nothing else.
LOCAL_SCHEMES = ("data:", "blob:", "about:")

TIMEOUT_MS = 15_000

expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def candor():
    """A fresh server with the demo: url, and link() to an interview nobody has opened."""
    with fresh_server(seed=("seed_demo",)) as server:

        def link():
            printed = server.manage("seed_demo")
            return re.search(r"http://\S+/i/\S+", printed).group(0)

        yield SimpleNamespace(url=server.url, link=link, server=server)


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    """Real speech as the file that chromium plays into its fake microphone, over and over."""
    wav = tmp_path_factory.mktemp("microphone") / "speech.wav"
    command = ["ffmpeg", "-loglevel", "error", "-i", SPOKEN, "-ar", "48000", "-ac", "1", wav]
    subprocess.run(command, check=True)
    return wav


@pytest.fixture(scope="module")
def browser(microphone):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",  # CI runs as root
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


class Visitor:
    """A page in a browser of its own that keeps what went wrong."""

    def __init__(self, browser, url, **options):
        options = {"viewport": DESKTOP, **options}
        self.context = browser.new_context(base_url=url, **options)
        self.url = url
        self.context.set_default_timeout(TIMEOUT_MS)
        self.faults = []
        self.page = self.context.new_page()
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self.requested)

    def heard(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type} on {self.page.url}: {message.text}")

    def requested(self, request):
        if not request.url.startswith((self.url, *LOCAL_SCHEMES)):
            self.faults.append(f"outside request: {request.url}")

    def sign_in(self, email=content.PEOPLE[0].email):
        self.page.goto("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(content.PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Interviews", exact=True)).to_be_visible()
        return self.page


@pytest.fixture
def visitor(browser, candor):
    """visitor(**context options) -> Visitor; nobody may have met a fault when the test ends."""
    visitors = []

    def come(**options):
        visitors.append(Visitor(browser, candor.url, **options))
        return visitors[-1]

    yield come
    faults = [fault for each in visitors for fault in each.faults]
    for each in visitors:
        each.context.close()
    assert not faults
