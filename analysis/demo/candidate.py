"""Answer an interview as a candidate would: invited, consenting, recording, sending."""

import hashlib
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from asgiref.sync import async_to_sync

from analysis.demo.content import (
    AUDIO_DIR,
    CANDIDATE_EMAIL,
    CANDIDATE_NAME,
    OPEN_CANDIDATE_EMAIL,
    OPEN_CANDIDATE_NAME,
    QUESTIONS,
)
from interviews.models import Interview, Invitation, Response, Session
from interviews.services import (
    invite_candidate,
    record_consents,
    start_session,
    submit_response,
    submit_session,
    submit_text,
)
from ops import tokens
from recordings.models import Upload
from recordings.services import UploadGrant, complete_upload, grant_upload, start_take
from recordings.transfer import transfer

OPEN_FOR = timedelta(days=30)
AUDIO_TYPE = "audio/ogg"


def answer_interview(*, interview: Interview, now: datetime) -> Session:
    """Let the demo candidate answer every question and submit; workers do the rest."""
    invitation, _token = invite_candidate(
        interview=interview,
        name=CANDIDATE_NAME,
        email=CANDIDATE_EMAIL,
        expires_at=now + OPEN_FOR,
        now=now,
    )
    session = start_session(invitation=invitation, now=now)
    record_consents(session=session, granted={"recording": True, "ai_analysis": True}, now=now)
    answers = {question.text: question for question in QUESTIONS}
    for response in session.responses.select_related("question").order_by("question__order"):
        question = answers[response.question.text]
        if question.audio:
            send_recording(response, AUDIO_DIR / question.audio, now=now)
        else:
            submit_text(response=response, text=question.answer, now=now)
    return submit_session(session=session, now=now)


def send_recording(response: Response, audio: Path, *, now: datetime) -> None:
    """Send a file as the answer, by the way that a browser's recording takes."""
    content = audio.read_bytes()
    take = start_take(response=response, mode="audio", now=now)
    grant = grant_upload(
        take=take,
        size_bytes=len(content),
        content_type=AUDIO_TYPE,
        sha256=hashlib.sha256(content).hexdigest(),
        now=now,
    )
    is_ours = urlsplit(grant.url).netloc == ""
    status = async_to_sync(put)(grant, content) if is_ours else put_elsewhere(grant, content)
    if status not in (200, 201, 204):
        raise RuntimeError(f"The transfer app answered {status} to {audio.name}.")
    complete_upload(upload=Upload.objects.get(pk=grant.upload_id), now=now)
    submit_response(response=response, now=now)


def put_elsewhere(grant: UploadGrant, content: bytes) -> int:
    """Send `content` to the object server, as a browser does; return its status."""
    return httpx.put(grant.url, content=content, headers=grant.headers, timeout=30).status_code


async def put(grant: UploadGrant, content: bytes) -> int:
    """Hand `content` to the transfer app without a network between; return its status."""
    sent: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": content, "more_body": False}
    ]
    answers: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return sent.pop(0) if sent else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message)

    path = urlsplit(grant.url).path
    headers = {"content-length": str(len(content)), **grant.headers}
    scope = {
        "type": "http",
        "method": grant.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlsplit(grant.url).query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await transfer(scope, receive, send)
    return int(answers[0]["status"])


def open_invitation(*, interview: Interview, now: datetime) -> str:
    """Return the token of a link with which nobody has begun yet.

    A token can't be shown twice, since only its hash is kept: the unused link gets a new one.
    """
    unused = Invitation.objects.filter(
        interview=interview, candidate__email=OPEN_CANDIDATE_EMAIL, session=None, revoked_at=None
    ).first()
    if unused is None:
        _invitation, token = invite_candidate(
            interview=interview,
            name=OPEN_CANDIDATE_NAME,
            email=OPEN_CANDIDATE_EMAIL,
            expires_at=now + OPEN_FOR,
            now=now,
        )
        return token
    token = tokens.new_token()
    unused.token_hash = tokens.keyed_hash(token)
    unused.token_prefix = tokens.prefix(token)
    unused.expires_at = now + OPEN_FOR
    unused.save(update_fields=["token_hash", "token_prefix", "expires_at"])
    return token


def has_answered(interview: Interview) -> bool:
    """Tell whether the demo candidate has a submitted session in this interview."""
    return Session.objects.filter(
        version__interview=interview,
        candidate__email=CANDIDATE_EMAIL,
        submitted_at__isnull=False,
    ).exists()
