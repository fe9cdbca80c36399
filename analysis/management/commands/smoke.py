"""The whole way by REST against a fresh server: the proof that an installation works."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.demo.server import FreshServer, ServerError, fresh_server
from analysis.demo.walk import (
    CandidateClient,
    InterviewerClient,
    WalkError,
    check_events,
    timed,
)
from analysis.demo.words import spoken_words, word_errors

SAMPLES = Path("tests/samples")
MAX_WORD_ERROR_SHARE = 0.10


class Command(BaseCommand):
    """`smoke`: exit code 0 when every step worked and the words were understood."""

    help = "Walk a whole interview by REST on a server of its own; print times and word errors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--samples", type=Path, default=settings.BASE_DIR / SAMPLES)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["samples"]
        spoken = json.loads((folder / "librivox.json").read_text())
        clips = [(folder / f"{name}.ogg", said) for name, said in sorted(spoken.items())]
        self.steps: dict[str, float] = {}
        try:
            with timed(self.steps, "all of it, with the server's start and end"):
                self.walk(clips)
        except (ServerError, WalkError) as error:
            raise CommandError(str(error)) from error
        finally:
            for name, seconds in self.steps.items():
                self.stdout.write(f"{seconds:8.2f} s  {name}")

    def walk(self, clips: list[tuple[Path, str]]) -> None:
        """Start a server, let a candidate answer with the clips, and read what came of it."""
        with fresh_server() as server:
            with timed(self.steps, "interview seeded, API key made"):
                seeded = json.loads(server.manage("seed_demo", "--bare"))
                api_key = server.manage("create_api_key", seeded["email"]).strip()
            session_id, run_id = self.answer(server, seeded["token"], clips)
            interviewer = InterviewerClient(server.url, api_key, seeded["interview_key"])
            heard = self.read(interviewer, session_id, run_id, clips)
        self.compare(clips, heard)

    def answer(
        self, server: FreshServer, token: str, clips: list[tuple[Path, str]]
    ) -> tuple[str, str]:
        """Return the session and the run that the candidate's answers started."""
        candidate = CandidateClient(server.url)
        with timed(self.steps, "link opened, consent given"):
            session = candidate.start(token)
            candidate.consent()
        with timed(self.steps, f"{len(clips)} answers sent"):
            for question, (clip, _said) in zip(session["questions"], clips, strict=True):
                candidate.answer(question["response_id"], clip)
        with timed(self.steps, "interview submitted"):
            run_id = candidate.submit()
        return session["id"], run_id

    def read(
        self,
        interviewer: InterviewerClient,
        session_id: str,
        run_id: str,
        clips: list[tuple[Path, str]],
    ) -> list[str]:
        """Return what the transcripts say, by question."""
        with timed(self.steps, "run completed"):
            list(interviewer.wait(run_id))
        with timed(self.steps, "events replayed"):
            check_events(interviewer.events(run_id))
        with timed(self.steps, "results read"):
            answers = interviewer.session(session_id)["answers"]
        recordings = [recording for answer in answers for recording in answer["recordings"]]
        if len(recordings) != len(clips) or any(not found["transcript"] for found in recordings):
            raise WalkError(f"{len(clips)} transcripts were expected.")
        with timed(self.steps, "speech renditions downloaded"):
            speech = interviewer.download([found["id"] for found in recordings], "speech")
        if not all(content.startswith(b"OggS") for content in speech):
            raise WalkError("A speech rendition is not an Ogg file.")
        return [found["transcript"]["text"] for found in recordings]

    def compare(self, clips: list[tuple[Path, str]], heard: list[str]) -> None:
        """Print the word error rate. Raises: WalkError when it is too high."""
        errors = words = 0
        for (clip, said), text in zip(clips, heard, strict=True):
            reference = spoken_words(said)
            wrong = word_errors(reference, spoken_words(text))
            errors, words = errors + wrong, words + len(reference)
            self.stdout.write(f"{clip.stem}: {wrong} of {len(reference)} words wrong: {text}")
        share = errors / words
        self.stdout.write(f"word error rate: {share:.1%} ({errors} of {words})")
        if share >= MAX_WORD_ERROR_SHARE:
            raise WalkError(f"The word error rate must be under {MAX_WORD_ERROR_SHARE:.0%}.")
