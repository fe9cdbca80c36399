"""What was heard becomes one text, each word at its place, and is rated only if it was clear."""

from analysis.engines.base import Heard, Segment, Span, Word
from analysis.speech import lay_out, why_not_ratable


def segment(text, *, confidence=0.9, is_doubtful=False, start_ms=0, with_words=True):
    pieces = [f" {piece}" for piece in text.split()]
    words = tuple(
        Word(start_ms + 100 * n, start_ms + 100 * n + 80, piece, confidence)
        for n, piece in enumerate(pieces)
    )
    end_ms = start_ms + 100 * len(words)
    return Segment(
        start_ms, end_ms, f" {text}", confidence, is_doubtful, words if with_words else ()
    )


def heard(*segments, language="en"):
    return Heard("test", "test", language, segments, True, 5000, 4000, (Span(1, 2),))


def test_every_word_and_segment_stands_at_its_characters():
    layout = lay_out(heard(segment("Hello there."), segment("How are you?", start_ms=900)))
    assert layout.text == "Hello there. How are you?"
    for row in layout.segments:
        assert layout.text[row["start_char"] : row["end_char"]] == row["text"]
        for word in row["words"]:
            assert layout.text[word["start_char"] : word["end_char"]] == word["text"]
    assert layout.segments[1]["words"][0] == {
        "text": "How",
        "start_char": 13,
        "end_char": 16,
        "start_ms": 900,
        "end_ms": 980,
        "confidence": 0.9,
    }


def test_segments_without_words_are_laid_out_too():
    layout = lay_out(heard(segment("One two.", with_words=False), segment("Three.")))
    assert layout.text == "One two. Three."
    assert layout.segments[0]["words"] == []
    assert layout.segments[1]["start_char"] == 9


def test_segments_that_bring_no_space_are_kept_apart_except_where_none_is_written():
    bare = Segment(0, 100, "Bonjour.", None)
    assert lay_out(heard(bare, bare)).text == "Bonjour. Bonjour."
    assert lay_out(heard(bare, bare, language="ja")).text == "Bonjour.Bonjour."


def test_confidence_is_the_mean_over_words_and_null_when_none_is_known():
    assert lay_out(heard(segment("a b"), segment("c d", confidence=0.5))).confidence == 0.7
    assert lay_out(heard(Segment(0, 100, "x", None))).confidence is None


def test_silence_is_not_ratable_and_says_so():
    assert why_not_ratable(heard()) == "No speech was found in the recording."


def test_mostly_doubtful_speech_is_not_ratable():
    clear = segment("this part was clear enough")
    invented = segment("thanks for watching " * 5, is_doubtful=True)
    assert "understood clearly" in why_not_ratable(heard(clear, invented))
    assert why_not_ratable(heard(clear, segment("noise", is_doubtful=True))) == ""


def test_improbable_words_are_not_ratable():
    assert "certainty" in why_not_ratable(heard(segment("one two three four", confidence=0.2)))
