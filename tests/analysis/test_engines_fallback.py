"""Which engine has its turn after which failure."""

import pytest

from analysis.engines.base import Audio, Availability, Heard, Transcriber
from analysis.engines.fallback import first_that_can
from ops.failures import StageFailure

HEARD = Heard("test", "test", "en", (), True, 0, 0, ())


class Scripted(Transcriber):
    """Raises or returns what it is told."""

    model = "scripted"

    def __init__(self, name, result=HEARD, reason=""):
        self.name = name
        self.result = result
        self.reason = reason
        self.calls = 0

    def availability(self):
        return Availability(not self.reason, self.reason)

    def transcribe(self, *_):
        self.calls += 1
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


def listen(*engines, retries=True):
    return first_that_can(
        engines,
        lambda e: e.transcribe(Audio(None, None, None), print),
        will_retry=lambda _: retries,
    )


def test_the_first_engine_that_can_is_asked_and_no_other():
    first, second = Scripted("first"), Scripted("second")
    assert listen(first, second).engine == "first"
    assert second.calls == 0


def test_an_engine_that_is_not_there_is_passed_over_with_its_reason():
    outcome = listen(Scripted("first", reason="no API key"), Scripted("second"))
    assert outcome.engine == "second"
    assert [(p.engine, p.code, p.reason) for p in outcome.passed] == [
        ("first", "unavailable", "no API key")
    ]


@pytest.mark.parametrize("code", ["quota_exhausted", "auth_failed", "audio_rejected"])
def test_failures_of_the_engine_itself_hand_over_at_once(code):
    outcome = listen(Scripted("first", StageFailure(code)), Scripted("second"))
    assert outcome.engine == "second"
    assert outcome.passed[0].code == code
    assert outcome.passed[0].reason


def test_failures_that_heal_are_raised_for_a_retry():
    second = Scripted("second")
    with pytest.raises(StageFailure, match="rate_limited"):
        listen(Scripted("first", StageFailure("rate_limited")), second)
    assert second.calls == 0


def test_after_the_last_retry_the_next_engine_has_its_turn():
    outcome = listen(
        Scripted("first", StageFailure("provider_5xx")), Scripted("second"), retries=False
    )
    assert outcome.engine == "second"


def test_no_other_engine_helps_against_a_file_that_is_broken():
    second = Scripted("second")
    with pytest.raises(StageFailure, match="invalid_media"):
        listen(Scripted("first", StageFailure("invalid_media")), second, retries=False)
    assert second.calls == 0


def test_the_last_engines_failure_is_the_answer():
    with pytest.raises(StageFailure, match="quota_exhausted"):
        listen(Scripted("only", StageFailure("quota_exhausted")))


def test_no_engine_at_all_is_a_matter_of_configuration():
    with pytest.raises(StageFailure, match="config_missing: first: no API key"):
        listen(Scripted("first", reason="no API key"))
    with pytest.raises(StageFailure, match="no engine is configured"):
        listen()
