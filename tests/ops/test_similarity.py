"""Messages of one kind, whatever rows they name."""

import pytest

from ops.similarity import shape_of, similarity_key


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("Timeout: no answer within 30.0 s", "Timeout: no answer within <n> s"),
        (
            "KeyError: 3fa85f64-5717-4562-b3fc-2c963f66afa6 in /srv/data/objects/9f/take.webm",
            "KeyError: <id> in <path>",
        ),
        ("see CND-7F3K-9Q2M", "see <reference>"),
        ("sha 9f86d081884c7d65 differs", "sha <hex> differs"),
        ("a\n  b", "a b"),
        ("deadbeef or accessed", "deadbeef or accessed"),
    ],
)
def test_what_differs_from_row_to_row_is_left_out(message, shape):
    assert shape_of(message) == shape


def test_the_same_words_under_another_code_are_another_thing():
    assert similarity_key("unknown", "x") != similarity_key("invalid_media", "x")
