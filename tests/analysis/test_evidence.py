"""A quote is evidence only if it stands in the answer word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evidence import MIN_WORDS, CharSpan, find_quote, times_of

TEXT = (
    "I didn\u2019t guess: I compared forty \u201cill-disposed\u201d invoices,  "
    "then fixed the rounding."
)


@pytest.mark.parametrize(
    "quote",
    [
        "I compared forty",
        "i COMPARED forty",
        '"ill-disposed" invoices, then fixed',
        "ill disposed invoices then fixed the rounding",
        "I didn't guess I compared",
        "invoices,\n then   fixed the rounding.",
    ],
)
def test_case_space_quotes_hyphens_and_punctuation_may_differ(quote):
    span = find_quote(quote, TEXT)
    assert span is not None
    assert TEXT[span.start : span.end][0].casefold() == quote.strip('"')[0].casefold()


@pytest.mark.parametrize(
    "quote",
    [
        "I compared fifty invoices",
        "I compared invoices",  # a word left out
        "I compared ... the rounding",  # stitched together
        "compared I forty",
        "ared forty ill",  # part of a word
        "",
        "...",
        "the rounding",  # too short to prove anything
    ],
)
def test_a_word_changed_left_out_moved_or_stitched_is_no_quote(quote):
    assert find_quote(quote, TEXT) is None


def test_the_span_is_the_quote_itself():
    span = find_quote("compared forty ill disposed", TEXT)
    assert TEXT[span.start : span.end] == "compared forty \u201cill-disposed"


def test_languages_without_spaces_are_matched_by_character():
    assert find_quote("我修复了", "昨天我修复了错误") == CharSpan(2, 6)
    assert find_quote("我修错了", "昨天我修复了错误") is None


@given(
    st.lists(
        st.sampled_from(["alpha", "beta", "gamma", "delta,", "epsilon.", "'zeta'"]), min_size=5
    )
)
def test_any_stretch_of_a_text_is_found_in_it(pieces):
    text = " ".join(pieces)
    quote = " ".join(pieces[1 : 1 + MIN_WORDS])
    span = find_quote(quote.upper(), text)
    assert span is not None
    assert find_quote(text[span.start : span.end], quote) == CharSpan(
        quote.index(text[span.start]), quote.index(text[span.start]) + span.end - span.start
    )


WORDS = [
    {"start_ms": 100, "end_ms": 300, "start_char": 0, "end_char": 3},
    {"start_ms": 350, "end_ms": 600, "start_char": 4, "end_char": 8},
    {"start_ms": 900, "end_ms": 1200, "start_char": 9, "end_char": 12},
]


def test_times_are_those_of_the_words_in_the_span():
    segments = [{"words": WORDS, "start_char": 0, "end_char": 12, "start_ms": 0, "end_ms": 2000}]
    times = times_of(CharSpan(4, 12), segments)
    assert (times.start_ms, times.end_ms, times.is_approximate) == (350, 1200, False)


def test_without_word_times_the_segment_gives_approximate_ones():
    segments = [
        {"words": [], "start_char": 0, "end_char": 12, "start_ms": 0, "end_ms": 2000},
        {"words": [], "start_char": 13, "end_char": 20, "start_ms": 2500, "end_ms": 4000},
    ]
    times = times_of(CharSpan(14, 18), segments)
    assert (times.start_ms, times.end_ms, times.is_approximate) == (2500, 4000, True)


def test_typed_answers_have_no_times():
    assert times_of(CharSpan(0, 5), []) is None
