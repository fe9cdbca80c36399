"""Transcripts and typed answers as pieces: nothing lost, nothing doubled, quotes where they are."""

import pytest

from analysis.readable import passages, typed_pieces
from analysis.speech import lay_out
from tests.analysis import rows
from tests.analysis.sessions import hear

TYPED = "  I asked.\n\nThen\tI fixed it — 100 % sure.  "


def pieces_of(found):
    return [piece for passage in found for piece in passage.pieces]


def written(pieces):
    return "".join(piece.gap + piece.text for piece in pieces)


@pytest.mark.parametrize(
    "text", [rows.SPOKEN, "One sentence", 'He said "no" & left. <b>Then</b> he came back.']
)
def test_pieces_of_a_transcript_cover_its_text_exactly(text):
    pieces = pieces_of(passages(rows.spoken_segments(text), text))
    assert written(pieces) == text
    assert all(text[p.start_char : p.end_char] == p.text for p in pieces)


def test_pieces_of_what_was_really_laid_out_cover_its_text_exactly():
    heard = lay_out(hear("I looked at the log.\nThen I knew."))
    assert written(pieces_of(passages(heard.segments, heard.text))) == heard.text


def test_pieces_of_a_typed_answer_cover_it_up_to_its_end():
    pieces = typed_pieces(TYPED)
    assert written(pieces) == TYPED.rstrip()
    assert all(TYPED[p.start_char : p.end_char] == p.text for p in pieces)
    assert all(p.start_ms is None for p in pieces)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_answer_has_no_pieces(text):
    assert typed_pieces(text) == ()


def quoted(pieces):
    return [piece.text for piece in pieces if piece.is_quoted]


def test_exactly_the_quoted_words_are_marked():
    start = rows.SPOKEN.index("found the cause")
    span = (start, start + len("found the cause"))
    found = passages(rows.spoken_segments(), rows.SPOKEN, quotes=[span])
    assert quoted(pieces_of(found)) == ["found", "the", "cause"]
    assert quoted(typed_pieces(rows.SPOKEN, quotes=[span])) == ["found", "the", "cause"]


def test_a_word_that_a_quote_only_touches_is_marked_and_its_neighbour_is_not():
    assert quoted(typed_pieces("one two three", quotes=[(5, 7)])) == ["two"]
    assert quoted(typed_pieces("one two three", quotes=[(3, 4)])) == []


def test_a_passage_tells_where_it_starts_and_whether_it_may_be_misheard():
    first, second = passages(rows.spoken_segments(doubtful={1}), rows.SPOKEN)
    assert (first.at, first.is_doubtful) == ("0:00", False)
    assert second.start_ms == second.pieces[0].start_ms
    assert second.is_doubtful


def test_a_segment_without_words_is_one_piece():
    segment = {
        "text": "All of it.",
        "start_char": 0,
        "end_char": 10,
        "start_ms": 65_000,
        "end_ms": 70_000,
        "is_doubtful": False,
        "words": [],
    }
    (passage,) = passages([segment], "All of it.")
    assert passage.at == "1:05"
    assert [piece.text for piece in passage.pieces] == ["All of it."]


def pauses_before(*pauses):
    """Words whose mark says how long it was silent before them."""
    spans = [{"start_ms": start, "end_ms": end} for start, end in pauses]
    found = pieces_of(passages(rows.spoken_segments(), rows.SPOKEN, pauses=spans))
    return {piece.text: piece.pause_before for piece in found if piece.pause_before}


def test_a_long_pause_stands_before_the_word_that_ends_it():
    assert pauses_before((2750, 3950)) == {"Then": "1.2"}


def test_a_short_pause_is_not_shown():
    assert pauses_before((2750, 3700)) == {}


def test_silence_before_the_first_word_is_shown():
    (segment, *_) = rows.spoken_segments("Well I know")
    for word in segment["words"]:
        word["start_ms"] += 3000
        word["end_ms"] += 3000
    found = passages([segment], "Well I know", pauses=[{"start_ms": 0, "end_ms": 2900}])
    assert [piece.pause_before for piece in found[0].pieces] == ["2.9", "", ""]
