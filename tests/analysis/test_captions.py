"""WebVTT: what a browser's own parser would make of the captions."""

import re

import pytest

from analysis.captions import MAX_CUE_CHARS, MAX_CUE_MS, timestamp, webvtt
from tests.analysis import rows

TIMING = re.compile(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})")


def word(text, start_ms, end_ms):
    return {"text": text, "start_ms": start_ms, "end_ms": end_ms}


def spoken(*words):
    return {"words": list(words)} | word("unused", 0, 1)


def wordless(text, start_ms, end_ms):
    return {"words": []} | word(text, start_ms, end_ms)


def read(file):
    """[(start, end, text)] of a WebVTT file: blocks parted by empty lines, as the standard says."""
    header, *blocks = [block for block in file.split("\n\n") if block.strip()]
    assert header.strip() == "WEBVTT"
    cues = []
    for block in blocks:
        timing, *lines = block.strip("\n").split("\n")
        match = TIMING.fullmatch(timing)
        assert match, block
        assert match[1] < match[2]
        cues.append((match[1], match[2], "\n".join(lines)))
    return cues


def texts(*segments):
    return [text for _, _, text in read(webvtt(segments))]


def test_every_word_is_shown_once_and_in_order():
    cues = read(webvtt(rows.spoken_segments()))
    assert " ".join(text for _, _, text in cues).split() == rows.SPOKEN.split()


def test_a_recording_without_speech_has_captions_without_cues():
    assert read(webvtt([])) == []


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(0, "00:00:00.000"), (61_001, "00:01:01.001"), (3_600_000 * 26, "26:00:00.000")],
)
def test_times_are_written_in_full(ms, shown):
    assert timestamp(ms) == shown


def test_markup_in_the_words_is_text():
    assert texts(spoken(word("<script>", 0, 400), word("A&B", 400, 800))) == [
        "&lt;script&gt; A&amp;B"
    ]


def test_an_arrow_in_the_words_starts_no_cue():
    (cue,) = read(webvtt([spoken(word("a", 0, 300), word("-->", 300, 600), word("b", 600, 900))]))
    assert cue[2] == "a --&gt; b"


def test_line_breaks_in_a_segment_do_not_end_its_cue():
    assert texts(wordless("one\n\ntwo\r\nNOTE three", 0, 900)) == ["one two NOTE three"]


def test_a_segment_without_words_is_one_cue():
    assert read(webvtt([wordless("All of it.", 1000, 2500)])) == [
        ("00:00:01.000", "00:00:02.500", "All of it.")
    ]


def test_a_cue_is_never_longer_than_two_lines():
    long = spoken(*(word(f"word{n:03}", n * 100, n * 100 + 90) for n in range(60)))
    shown = texts(long)
    assert len(shown) > 1
    assert max(len(text) for text in shown) <= MAX_CUE_CHARS


def test_a_cue_never_stands_too_long():
    slow = spoken(*(word(f"w{n}", n * 1000, n * 1000 + 900) for n in range(20)))
    cues = read(webvtt([slow]))
    assert len(cues) == 4
    assert cues[0][1] <= timestamp(MAX_CUE_MS)


def test_a_silence_starts_a_new_cue():
    assert texts(spoken(word("before", 0, 300), word("after", 2000, 2300))) == ["before", "after"]


def test_segments_do_not_share_a_cue():
    assert texts(wordless("One.", 0, 300), wordless("Two.", 300, 600)) == ["One.", "Two."]


@pytest.mark.parametrize("bad", [word("x", 500, 500), word("x", 500, 400), word("  ", 500, 900)])
def test_a_cue_that_could_not_be_shown_is_left_out(bad):
    assert texts(spoken(word("good", 0, 400), bad)) == ["good"]
    assert texts(spoken(bad)) == []
