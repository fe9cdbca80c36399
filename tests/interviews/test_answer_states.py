import pytest

from interviews.answer_states import answer_state


@pytest.mark.parametrize(
    ("response", "mode", "takes", "state"),
    [
        ("open", "", [], "open"),
        ("open", "", ["recording"], "open"),
        ("open", "", ["technical_failed"], "open"),
        ("open", "", ["uploading"], "uploading"),
        ("open", "", ["discarded", "verifying"], "checking"),
        ("open", "", ["uploading", "saved"], "answered"),
        ("submitted", "audio", ["saved"], "answered"),
        ("submitted", "audio", ["technical_failed"], "failed"),
        ("submitted", "text", [], "answered"),
        ("submitted", "text", ["uploading"], "answered"),
        ("skipped", "", [], "skipped"),
    ],
)
def test_where_an_answer_stands(response, mode, takes, state):
    assert answer_state(response=response, mode=mode, takes=takes) == state
