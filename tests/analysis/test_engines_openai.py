"""OpenAI's engines with the real SDK, against servers that misbehave in known ways."""

import json

import pytest

from analysis import speech
from analysis.engines import openai_client, voice_activity
from analysis.engines.base import Audio, Segment, Span, Word
from analysis.engines.openai_language import OpenAILanguageModel
from analysis.engines.openai_transcriber import OpenAITranscriber
from analysis.engines.timing import place_words, spread_sentences
from analysis.engines.voice_activity import Activity
from ops.failures import StageFailure, classify, retry_after_s
from tests.analysis.conftest import DROPPED, chat_reply

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


def ask():
    return OpenAILanguageModel().answer(instructions="Count.", data="{}", schema=SCHEMA)


@pytest.fixture
def mocked(llmock, settings):
    settings.OPENAI_API_KEY = "test-key"
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    return llmock


def test_a_reply_comes_with_its_tokens_and_fits_the_schema(mocked):
    answer = ask()
    assert isinstance(answer.content()["n"], int)
    assert answer.tokens_in > 0
    assert answer.tokens_out > 0
    sent = mocked.last_request
    assert sent.path.endswith("/chat/completions")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "auth_failed"),
        (429, "rate_limited"),
        (500, "provider_5xx"),
        (503, "provider_5xx"),
    ],
)
def test_http_faults_pass_through_and_are_asked_once(mocked, status, code):
    mocked.fail(status, times=None)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the SDK's own classes
        ask()
    assert classify(raised.value).code in {code, "provider_overloaded"}
    assert len(mocked.requests) == 1


def test_what_the_provider_asks_to_wait_is_known(mocked):
    mocked.rate_limit(retry_after=7)
    with pytest.raises(Exception) as raised:  # noqa: PT011
        ask()
    assert retry_after_s(raised.value) == 7


def test_an_exhausted_quota_hands_over_to_another_engine(mocked):
    mocked.fail(429, code="insufficient_quota", message="You exceeded your current quota")
    with pytest.raises(Exception) as raised:  # noqa: PT011
        ask()
    assert classify(raised.value).code == "quota_exhausted"
    assert classify(raised.value).next_engine


@pytest.mark.parametrize("text", ["not JSON at all", '{"n": 1', "[1, 2]"])
def test_malformed_output_is_told_as_such_and_still_has_its_tokens(mocked, text):
    mocked.reply(text)
    answer = ask()
    assert answer.tokens_in > 0
    with pytest.raises(StageFailure, match="output_invalid"):
        answer.content()


def test_a_dropped_connection_is_a_connection_failure(stub_openai):
    server = stub_openai(DROPPED)
    with pytest.raises(Exception) as raised:  # noqa: PT011
        ask()
    assert classify(raised.value).code == "connection_failed"
    assert len(server.requests) == 1


def test_refusals_and_cut_off_replies_are_not_read(stub_openai):
    replies = [
        (chat_reply("", refusal="I can't help with that."), "content_filtered"),
        (chat_reply("{}", finish_reason="content_filter"), "content_filtered"),
        (chat_reply('{"n": 1}', finish_reason="length"), "output_invalid"),
    ]
    for reply, code in replies:
        stub_openai(reply)
        with pytest.raises(StageFailure) as raised:
            ask().content()
        assert raised.value.code == code


def test_the_request_asks_for_the_strict_schema_and_for_nothing_to_be_kept(stub_openai):
    server = stub_openai(chat_reply({"n": 1}))
    ask()
    sent = json.loads(server.requests[0][1])
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
    assert sent["store"] is False
    assert "tools" not in sent


def test_the_client_itself_never_retries(settings):
    settings.OPENAI_API_KEY = "test-key"
    with openai_client.client() as client:
        assert client.max_retries == 0


# --- transcription -----------------------------------------------------------------------------

VERBOSE = {
    "text": "And Mr. John Dashwood had leisure.",
    "language": "english",
    "duration": 7.1,
    "segments": [
        {
            "id": 0,
            "seek": 0,
            "start": 0.3,
            "end": 3.0,
            "text": " And Mr. John Dashwood had leisure.",
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": -0.2,
            "compression_ratio": 1.2,
            "no_speech_prob": 0.01,
        }
    ],
    "words": [
        {"word": word, "start": 0.3 + n / 3, "end": 0.6 + n / 3}
        for n, word in enumerate(["And", "Mr", "John", "Dashwood", "had", "leisure"])
    ],
}


def listen(path):
    return OpenAITranscriber().transcribe(Audio(path, 7100, "en"), lambda _: None)


def test_word_times_are_taken_where_the_model_gives_them(stub_openai, settings, samples):
    settings.OPENAI_TRANSCRIBE_MODEL = "whisper-1"
    server = stub_openai(VERBOSE)
    heard = listen(next(iter(samples)))
    layout = speech.lay_out(heard)
    assert heard.has_word_times
    assert heard.language == "en"
    assert layout.text == VERBOSE["text"]
    assert [w["text"] for w in layout.segments[0]["words"]][:2] == ["And", "Mr."]
    assert heard.speech_ms > 5000  # measured here, by voice activity
    path, body = server.requests[0]
    assert path == "/v1/audio/transcriptions"
    assert b"verbose_json" in body
    assert b'filename="speech.ogg"' in body


@pytest.mark.slow
def test_without_word_times_sentences_are_laid_over_the_speech_approximately(
    stub_openai, settings, samples
):
    settings.OPENAI_TRANSCRIBE_MODEL = "gpt-transcribe"
    server = stub_openai({"text": "He did it. Then he went away."})
    heard = listen(next(iter(samples)))
    assert not heard.has_word_times
    assert [s.text.strip() for s in heard.segments] == ["He did it.", "Then he went away."]
    assert 200 < heard.segments[0].start_ms < heard.segments[0].end_ms < 7100
    assert heard.segments[1].start_ms == heard.segments[0].end_ms
    assert b"verbose_json" not in server.requests[0][1]


@pytest.mark.slow
def test_silence_is_not_even_sent(stub_openai, make_audio):
    server = stub_openai({"text": "Thanks for watching!"})
    heard = listen(make_audio("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=3"))
    assert server.requests == []
    assert heard.segments == ()


def test_without_local_engines_pauses_are_null_with_a_reason(
    stub_openai, settings, samples, monkeypatch
):
    settings.OPENAI_TRANSCRIBE_MODEL = "gpt-transcribe"
    monkeypatch.setattr(voice_activity, "is_installed", lambda: False)
    stub_openai({"text": "He did it."})
    heard = listen(next(iter(samples)))
    assert heard.speech_ms is None
    assert heard.pauses is None
    assert "local engines" in heard.reasons["pauses"]
    assert heard.duration_ms == 7100


def test_a_file_over_the_providers_limit_goes_to_another_engine(settings, tmp_path):
    settings.OPENAI_API_KEY = "test-key"
    path = tmp_path / "long.ogg"
    with path.open("wb") as file:
        file.truncate(25_000_001)
    with pytest.raises(StageFailure) as raised:
        listen(path)
    assert classify(raised.value).next_engine


def test_words_that_do_not_fit_the_text_leave_the_segment_its_own_time():
    segment = Segment(0, 1000, " Quite another text.", None)
    (placed,) = place_words([segment], [Word(0, 400, "banana", None)])
    assert placed.words == ()
    assert placed.text == segment.text


def test_sentences_are_spread_over_speech_and_not_over_silence():
    activity = Activity((Span(1000, 2000), Span(5000, 6000)))
    first, second = spread_sentences("Ten chars. Ten chars.", activity)
    assert (first.start_ms, first.end_ms) == (1000, 2000)
    assert (second.start_ms, second.end_ms) == (2000, 6000)
    assert spread_sentences("", activity) == ()
