"""OpenAI's chat models, held to a strict JSON schema."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from analysis.engines import openai_client
from analysis.engines.base import Answer, Availability, LanguageModel
from ops.failures import StageFailure


class OpenAILanguageModel(LanguageModel):
    """settings.OPENAI_CHAT_MODEL by chat completions."""

    name = "openai"
    dependency = "openai.chat"
    sends_data_away = True

    @property
    def model(self) -> str:
        return str(settings.OPENAI_CHAT_MODEL)

    def availability(self) -> Availability:
        return openai_client.availability()

    def answer(
        self,
        *,
        instructions: str,
        data: str,
        schema: Mapping[str, Any],
        seed: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        with openai_client.client(timeout_s=timeout_s) as client:
            reply = client.chat.completions.create(
                model=self.model,
                messages=[
                    {"role": "system", "content": instructions},
                    {"role": "user", "content": data},
                ],
                response_format=response_format(schema),
                store=False,
                seed=openai_client.UNSAID if seed is None else seed,
            )
        return read(reply)


def response_format(schema: Mapping[str, Any]) -> Any:
    """Return what holds a reply to the schema."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "reply", "strict": True, "schema": dict(schema)},
    }


def read(reply: openai_client.ChatCompletion, *, is_batched: bool = False) -> Answer:
    """Return what was replied. Raises StageFailure: output_invalid."""
    if not reply.choices:
        raise StageFailure("output_invalid", "the reply has no choices")
    choice, usage = reply.choices[0], reply.usage
    filtered = "filtered" if choice.finish_reason == "content_filter" else ""
    return Answer(
        text=choice.message.content or "",
        model=reply.model or str(settings.OPENAI_CHAT_MODEL),
        tokens_in=usage.prompt_tokens if usage else None,
        tokens_out=usage.completion_tokens if usage else None,
        tokens_cached=_cached(usage),
        refusal=choice.message.refusal or filtered,
        is_cut_off=choice.finish_reason == "length",
        is_batched=is_batched,
    )


def _cached(usage: Any) -> int | None:
    """Return the tokens that OpenAI had read before; compatible servers often don't say."""
    details = getattr(usage, "prompt_tokens_details", None)
    return getattr(details, "cached_tokens", None)
