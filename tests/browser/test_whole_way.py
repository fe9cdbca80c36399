"""From a candidate's link to evidence that plays on the reviewer's screen."""

import pytest
from playwright.sync_api import expect

from analysis.demo import content
from tests.house.tree import ROOT

pytestmark = pytest.mark.timeout(400)
SPEAK_MS = 7000  # a little longer than the sentence
PROCESSED_MS = 180_000
SAID = ("amiable", "respectable")
FILE = ROOT / "tests/samples/librivox-5.ogg"


def press(page, name):
    page.get_by_role("button", name=name).click()


def record(page):
    """Think briefly, speak a sentence, hear it, send it."""
    press(page, "Start")
    press(page, "Record now")
    page.wait_for_timeout(SPEAK_MS)
    press(page, "Stop")
    press(page, "Send this answer")


def test_a_candidate_answers_and_a_reviewer_hears_the_evidence(candor, visitor):
    reviewer = visitor().sign_in()
    reviewer.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).click()
    rows = reviewer.locator(".board-row")
    expect(rows.first).to_be_visible()
    before = rows.count()  # tests beside this one begin sessions too

    page = visitor(permissions=["microphone", "camera"]).page
    page.goto(candor.link())
    press(page, "Start")
    page.locator("#scope-recording").check()
    page.locator("#scope-ai_analysis").check()
    press(page, "Save my answers and go on")
    assert "/i/" not in page.url

    page.goto("/interview/check/")
    press(page, "Try microphone and camera")
    expect(page.get_by_text("We hear you well.")).to_be_visible()
    page.get_by_role("link", name="Go on to the questions").click()

    page.get_by_role("link", name="Begin with question 1").click()
    record(page)
    page.get_by_role("link", name="Go on to question 2").click()
    page.get_by_role("link", name="Video").click()
    record(page)
    page.get_by_role("link", name="Go on to question 3").click()
    page.get_by_text("Use a file that you have already recorded").click()
    page.get_by_label("Audio or video file").set_input_files(FILE)
    press(page, "Send this answer")
    page.get_by_role("link", name="Go on to question 4").click()
    page.get_by_role("textbox").fill(content.QUESTIONS[3].answer)
    page.get_by_role("button", name="Send").click()
    page.goto("/interview/")
    press(page, "Hand in my interview")
    expect(page.get_by_role("heading", name="handed in")).to_be_visible()

    # The board was open all the time: it shows the new session without a reload.
    expect(rows).to_have_count(before + 1)
    mine = rows.first
    expect(mine.get_by_text("ready for review", exact=False)).to_be_visible(timeout=PROCESSED_MS)
    expect(page.get_by_text("Ready. People will now look at your answers.")).to_be_visible()

    mine.get_by_role("link").first.click()
    first = reviewer.locator("#question-1")
    for word in SAID:
        expect(first.locator(".transcript")).to_contain_text(word)
    expect(reviewer.locator("#question-2 video")).to_be_visible()
    expect(reviewer.locator("#question-3 .transcript")).to_contain_text("amiable")
    expect(reviewer.locator("#question-4 .typed")).to_contain_text("three hundred e-mails")


def test_a_quote_plays_the_second_in_which_it_was_said(candor, visitor):
    page = visitor().sign_in()
    page.get_by_role("link", name=content.INTERVIEW_TITLE, exact=True).click()
    demo = page.locator(".board-row").last
    expect(demo.get_by_text("ready for review", exact=False)).to_be_visible(timeout=PROCESSED_MS)
    demo.get_by_role("link").first.click()

    first = page.locator("#question-1")
    expect(first.locator(".transcript")).to_contain_text("sensors")
    quote = first.locator(".quote[data-seek-ms]").last
    said_at_s = int(quote.get_attribute("data-seek-ms")) / 1000
    assert said_at_s > 0
    quote.click()
    player = first.locator("audio")
    page.wait_for_function(
        "([audio, second]) => Math.abs(audio.currentTime - second) < 2 && !audio.paused",
        arg=[player.element_handle(), said_at_s],
    )
    expect(first.locator(".w--quoted").first).to_be_visible()


def test_a_sent_answer_survives_a_reload(candor, visitor):
    page = visitor(permissions=["microphone"]).page
    page.goto(candor.link())
    press(page, "Start")
    page.locator("#scope-recording").check()
    press(page, "Save my answers and go on")
    page.goto("/interview/questions/1/")
    press(page, "Start")
    press(page, "Record now")
    page.wait_for_timeout(2500)
    page.reload()
    # What was recorded before the reload lies in the browser's own database: nothing is lost.
    expect(page.get_by_role("button", name="Send this answer")).to_be_visible()
