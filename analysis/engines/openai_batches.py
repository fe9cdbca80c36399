"""OpenAI's Batch API: one request in a file, answered within a day at half the price."""

import json
from typing import Any, Final

from django.conf import settings

from analysis.engines import openai_client, openai_language
from analysis.engines.base import Batched, Batches, Request

ENDPOINT: Final = "/v1/chat/completions"
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
STOPPING = frozenset({"cancelling"})
MARK = "candor"
MOST_LISTED = 100


class OpenAIBatches(Batches):
    """Batches of one request each: a session's ratings stay a session's."""

    def submit(self, mark: str, request: Request) -> str:
        line = {"custom_id": mark, "method": "POST", "url": ENDPOINT, "body": _body(request)}
        with openai_client.client() as client:
            file = client.files.create(
                file=("requests.jsonl", json.dumps(line).encode()), purpose="batch"
            )
            batch = client.batches.create(
                input_file_id=file.id,
                endpoint=ENDPOINT,
                completion_window="24h",
                metadata={MARK: mark},
            )
        return batch.id

    def find(self, mark: str) -> str | None:
        with openai_client.client() as client:
            newest = client.batches.list(limit=MOST_LISTED)
        return next((b.id for b in newest.data if (b.metadata or {}).get(MARK) == mark), None)

    def look(self, batch_id: str, mark: str) -> Batched:
        with openai_client.client() as client:
            batch = client.batches.retrieve(batch_id)
            if batch.status not in ENDED:
                return Batched(has_ended=False)
            if batch.status != "completed" or batch.output_file_id is None:
                return Batched(has_ended=True)
            lines = client.files.content(batch.output_file_id).text.splitlines()
        rows = (json.loads(line) for line in lines if line.strip())
        response = next((row.get("response") for row in rows if row.get("custom_id") == mark), None)
        if not response or response.get("status_code") != 200:  # noqa: PLR2004 - OK
            return Batched(has_ended=True)
        reply = openai_client.ChatCompletion.model_validate(response["body"])
        return Batched(has_ended=True, answer=openai_language.read(reply, is_batched=True))

    def discard(self, batch_id: str) -> None:
        with openai_client.client() as client:
            try:
                batch = client.batches.retrieve(batch_id)
            except openai_client.NotFoundError:
                return  # it is gone: that is what was wanted
            if batch.status not in ENDED | STOPPING:
                client.batches.cancel(batch_id)
            for file_id in (batch.input_file_id, batch.output_file_id, batch.error_file_id):
                if file_id:
                    _delete(client, file_id)


def _delete(client: openai_client.OpenAI, file_id: str) -> None:
    try:
        client.files.delete(file_id)
    except openai_client.NotFoundError:
        return  # as above


def _body(request: Request) -> dict[str, Any]:
    return {
        "model": str(settings.OPENAI_CHAT_MODEL),
        "messages": [
            {"role": "system", "content": request.instructions},
            {"role": "user", "content": request.data},
        ],
        "response_format": openai_language.response_format(request.schema),
        "store": False,
    }
