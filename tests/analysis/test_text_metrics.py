"""Rate, pauses, fillers, readability, vocabulary: by hand against the code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import text_metrics
from analysis.text_metrics import Speech, measure, sentences, syllables, words

TEN = "The cat sat on the mat and it was happy."  # 10 words, 11 syllables


def test_the_rate_counts_words_over_time_spoken_not_over_pauses():
    assert measure(TEN * 6, "en", Speech(30_000, [5000])).rate_wpm == 120.0


def test_a_rate_over_too_little_speech_is_not_measured():
    metrics = measure("Yes.", "en", Speech(900, []))
    assert metrics.rate_wpm is None
    assert metrics.reasons["rate_wpm"] == "less than 3 s of speech"


def test_pauses_below_four_tenths_of_a_second_do_not_count():
    metrics = measure(TEN, "en", Speech(10_000, [399, 400, 1200]))
    assert metrics.pause_count == 2
    assert metrics.pause_total_ms == 1600
    assert metrics.longest_pause_ms == 1200


def test_no_pauses_is_zero_and_unmeasured_pauses_are_null_with_a_reason():
    assert measure(TEN, "en", Speech(10_000, [])).longest_pause_ms == 0
    metrics = measure(TEN, "en", Speech(None, None, "no voice activity"))
    assert metrics.pause_count is None
    assert metrics.longest_pause_ms is None
    assert metrics.reasons["pause_total_ms"] == "no voice activity"
    assert metrics.reasons["rate_wpm"] == "no voice activity"


def test_typed_answers_have_no_rate_no_pauses_and_no_fillers():
    metrics = measure(TEN, "en", None)
    assert metrics.word_count == 10
    for name in ("rate_wpm", "pause_count", "filler_count"):
        assert getattr(metrics, name) is None
        assert metrics.reasons[name] == "typed, not spoken"


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("Um, so I, uh, fixed it, you know.", "en", 3),
        ("Umbrella and human hum.", "en", 0),
        ("Ähm, ich habe, äh, gewartet.", "de", 2),
    ],
)
def test_fillers_are_counted_as_whole_words_of_the_language(text, language, count):
    assert measure(text, language, Speech(9000, [])).filler_count == count


def test_fillers_of_an_unknown_language_are_null_with_a_reason():
    metrics = measure("Nie wiem.", "pl", Speech(9000, []))
    assert metrics.filler_count is None
    assert metrics.reasons["filler_count"] == "no list of filler words for language 'pl'"


def test_readability_is_fleschs_formula_and_names_it():
    metrics = measure(" ".join([TEN] * 4), "en", None)
    assert metrics.readability == pytest.approx(206.835 - 1.015 * 10 - 84.6 * 1.1, abs=0.05)
    assert metrics.readability_formula == "Flesch Reading Ease (1948)"


def test_long_words_and_sentences_read_harder():
    easy = "I saw the dog. It ran to me. I gave it some food. " * 4
    hard = (
        "Organizational responsibilities necessitate comprehensive communication, notwithstanding "
        "considerable administrative complications. "
    ) * 4
    assert measure(easy, "en", None).readability > 90
    assert measure(hard, "en", None).readability < 0


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("Too short.", "en", "fewer than 30 words"),
        ("word " * 40, "en", "the text has no sentence marks"),
        (f"{'slowo ' * 40}.", "pl", "no readability formula for language 'pl'"),
    ],
)
def test_readability_that_would_mean_nothing_is_null_with_a_reason(text, language, reason):
    metrics = measure(text, language, None)
    assert metrics.readability is None
    assert metrics.readability_formula == ""
    assert metrics.reasons["readability"] == reason


def test_vocabulary_is_distinct_words_over_all_words():
    metrics = measure("one two three four five " * 4, "en", None)
    assert metrics.vocabulary_share == 0.25
    assert measure("one two", "en", None).reasons["vocabulary_share"] == "fewer than 20 words"


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("cat", "en", 1),
        ("make", "en", 1),
        ("table", "en", 2),
        ("wanted", "en", 2),
        ("responsibility", "en", 6),
        ("the", "en", 1),
        ("Haus", "de", 1),
        ("Straße", "de", 2),
    ],
)
def test_syllables_are_estimated_by_groups_of_vowels(word, language, count):
    assert syllables(word, language) == count


def test_sentences_keep_their_place_in_the_text():
    text = '  First one. "Second?" Version 3.5 is out! and the rest'
    found = sentences(text)
    assert [s.text for s in found] == [
        "First one.",
        '"Second?"',
        "Version 3.5 is out!",
        "and the rest",
    ]
    assert all(text[s.start_char : s.end_char] == s.text for s in found)


@given(st.text(max_size=200))
def test_any_text_can_be_split_and_measured(text):
    found = sentences(text)
    assert all(text[s.start_char : s.end_char] == s.text for s in found)
    assert sum(len(words(s.text)) for s in found) == len(words(text))
    metrics = measure(text, "en", Speech(5000, [500]))
    assert metrics.word_count == len(words(text))
    for name in ("rate_wpm", "readability", "vocabulary_share"):
        assert (getattr(metrics, name) is None) == (name in metrics.reasons)


def test_every_language_with_a_formula_has_its_vowels():
    assert set(text_metrics.READABILITY) == set(text_metrics.VOWELS)
