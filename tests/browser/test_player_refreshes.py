"""A recording goes on playing although its URL has died while the page stood open."""

import time

import pytest
from playwright.sync_api import expect

from analysis.demo.server import fresh_server
from recordings import object_server

pytestmark = pytest.mark.timeout(300)
LIFETIME_S = 4
SHORT = f'{{"preview": {{"lifetime_s": {LIFETIME_S}, "cache_s": 0}}}}'
# A playback rendition so large that no browser loads all of it at once: 5 minutes of CD sound.
ENLARGE = """
import hashlib, struct, tempfile, time
from pathlib import Path
from recordings.models import Rendition
from recordings.storage import store_for
made = Rendition.objects.filter(kind="playback").select_related("recording__session")
until = time.monotonic() + 120
while not made.exists() and time.monotonic() < until:
    time.sleep(1)
time.sleep(5)  # the session's last jobs
rendition = made.order_by("recording__take__response__question__order").first()
size = 44100 * 4 * 300
head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack(
    "<IHHIIHH", 16, 1, 2, 44100, 44100 * 4, 4, 16) + b"data" + struct.pack("<I", size)
path = Path(tempfile.mkstemp()[1])
path.write_bytes(head + bytes(size))
store = store_for(rendition.recording.storage_type, rendition.recording.bucket)
store.put_file(path, rendition.object_key, content_type="audio/wav")
Rendition.objects.filter(pk=rendition.pk).update(
    content_type="audio/wav", size_bytes=path.stat().st_size,
    sha256=hashlib.sha256(path.read_bytes()).hexdigest())
path.unlink()
session = rendition.recording.session
print(f"/interviews/{session.version.interview.key}/sessions/{session.pk}/")
"""


@pytest.fixture(scope="module", params=["local", "s3"])
def candor(request):
    environment = {"STORAGE": request.param, "LOCAL_ENGINES": "0", "URL_PURPOSES": SHORT}
    with fresh_server(environment=environment) as server:
        if request.param == "s3":
            store = object_server.existing(server.data_dir / "objects")
            give_up = time.monotonic() + 60
            while not store.is_up() and time.monotonic() < give_up:
                time.sleep(0.2)
        server.manage("seed_demo")
        yield server


def test_a_player_whose_url_has_died_asks_for_another(candor, visitor):
    guest = visitor()
    page = guest.sign_in()
    asked, refused = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: refused.append(request.failure))
    page.on("response", lambda answer: answer.status >= 400 and refused.append(answer.status))
    page.goto(candor.manage("shell", "-c", ENLARGE).split()[-1])
    article = page.locator("article:has(.player__media)").first
    media = article.locator(".player__media")
    media.evaluate("media => media.play().catch(() => {})")
    expect(media).to_have_js_property("paused", False)
    page.wait_for_function("media => media.currentTime > 0.2", arg=media.element_handle())
    media.evaluate("media => media.pause()")
    loads = len([url for url in asked if url.endswith("/play")])
    assert loads == 1
    page.wait_for_timeout((LIFETIME_S + 2) * 1000)
    refused.clear()
    media.evaluate("media => { media.currentTime = 290; media.play().catch(() => {}); }")
    page.wait_for_function("media => media.currentTime > 290.5", arg=media.element_handle())
    assert len([url for url in asked if url.endswith("/play")]) == 2
    expect(article.locator("[data-play-error]")).to_be_hidden()
    assert refused, "the URL had not died: this proves nothing"
    # The refusal stands in the console, and the store is elsewhere; no other fault is forgiven.
    meant = ("Failed to load resource", "outside request")
    guest.faults[:] = [fault for fault in guest.faults if not any(m in fault for m in meant)]
