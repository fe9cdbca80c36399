"""Where an answer stands, from the states of its response and takes. Pure."""

from collections.abc import Collection
from typing import Literal

AnswerState = Literal["open", "uploading", "checking", "answered", "skipped", "failed"]
RECORDED_MODES = ("audio", "video")
UNSENT_TAKES = ("thinking", "recording", "uploading")


def answer_state(*, response: str, mode: str, takes: Collection[str]) -> AnswerState:
    """Return the one word that pages, REST and the submit rule share.

    `failed` is an answer that was sent and then found unusable: it can be given again, free of
    charge. A take that reached the server counts as sent even if the browser never said so.
    """
    if response == "skipped":
        return "skipped"
    if response == "submitted" and mode not in RECORDED_MODES:
        return "answered"
    if "saved" in takes:
        return "answered"
    if "verifying" in takes:
        return "checking"
    if "uploading" in takes:
        return "uploading"
    return "failed" if response == "submitted" else "open"


def is_take_open(response: str, mode: str, takes: Collection[str]) -> bool:
    """Whether a question that has no answer yet has a take under way."""
    state = answer_state(response=response, mode=mode, takes=takes)
    return not is_given(state) and any(take in UNSENT_TAKES for take in takes)


def is_given(state: AnswerState) -> bool:
    """Whether the server has this answer."""
    return state in ("answered", "checking")
