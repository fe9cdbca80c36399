"""Sessions as the pipeline leaves them, built from rows alone: no engine, no storage."""

import re
import uuid
from datetime import timedelta

from django.utils import timezone

from analysis.models import AnalysisRun, Evidence, Rating, TextMetrics, Transcript
from interviews.models import Response, Session, Take
from ops.models import Attempt, Job, Run
from recordings.models import QualityReport, Recording, Rendition
from tests import factories

SPOKEN = "I asked the customer for the log. Then I found the cause and fixed it in one day."
TWENTY = tuple(f"Question number {number}?" for number in range(1, 21))
RECORDING_STAGES = ("verify", "prepare", "transcribe", "measure_text")
SESSION_STAGES = ("evaluate", "finalise")
STEP_MS = 400


def spoken_segments(text=SPOKEN, *, doubtful=()):
    """One segment per sentence, a word every 400 ms."""
    segments, place, at_ms = [], 0, 0
    for number, sentence in enumerate(re.split(r"(?<=\.) ", text)):
        words = []
        for word in sentence.split(" "):
            start = text.index(word, place)
            place = start + len(word)
            words.append(
                {
                    "text": word,
                    "start_char": start,
                    "end_char": place,
                    "start_ms": at_ms,
                    "end_ms": at_ms + STEP_MS - 50,
                    "confidence": 0.9,
                }
            )
            at_ms += STEP_MS
        segments.append(
            {
                "start_ms": words[0]["start_ms"],
                "end_ms": words[-1]["end_ms"],
                "start_char": words[0]["start_char"],
                "end_char": words[-1]["end_char"],
                "text": text[words[0]["start_char"] : words[-1]["end_char"]],
                "confidence": 0.9,
                "is_doubtful": number in doubtful,
                "words": words,
            }
        )
        at_ms += 2 * STEP_MS
    return segments


def add_recorded_answer(response, *, mode="audio", text=SPOKEN, doubtful=(), transcribed=True):
    """A saved take with its recording, renditions, quality and transcript."""
    recording = factories.make_recording(response, duration_ms=12000)
    Take.objects.filter(pk=recording.take_id).update(
        mode=mode, state=Take.State.SAVED, saved_at=timezone.now()
    )
    recording.state = Recording.State.AVAILABLE
    recording.peaks = [20, 60, 90, 10, 0, 40] * 30
    recording.save(update_fields=["state", "peaks"])
    kinds = ("speech", "playback", "poster") if mode == "video" else ("speech", "playback")
    Rendition.objects.bulk_create(
        Rendition(
            recording=recording,
            kind=kind,
            inline=b"\xff\xd8picture" if kind == "poster" else None,
            content_type="image/jpeg" if kind == "poster" else "audio/ogg",
            size_bytes=900,
            sha256="1" * 64,
        )
        for kind in kinds
    )
    QualityReport.objects.create(
        recording=recording,
        loudness_dbfs=-21.5,
        peak_dbfs=-3.0,
        clipped_share=None,
        silent_share=0.1,
        reasons={"clipped_share": "The recording is too short to tell."},
    )
    if transcribed:
        Transcript.objects.create(
            recording=recording,
            engine="local",
            model="base",
            language="en",
            text=text,
            segments=spoken_segments(text, doubtful=doubtful),
            pauses=[{"start_ms": 2750, "end_ms": 3950}],
            speech_ms=9000,
            confidence=0.9,
        )
        TextMetrics.objects.create(
            response=response,
            word_count=len(text.split()),
            rate_wpm=120.0,
            pause_count=1,
            pause_total_ms=1200,
            longest_pause_ms=1200,
            filler_count=0,
            readability=None,
            vocabulary_share=0.9,
            keywords=[{"text": "root cause", "weight": 0.8}],
            reasons={"readability": "It needs at least two sentences."},
        )
    Response.objects.filter(pk=response.pk).update(
        state=Response.State.SUBMITTED, mode=mode, submitted_at=timezone.now()
    )
    return recording


def add_typed_answer(response, text):
    Response.objects.filter(pk=response.pk).update(
        state=Response.State.SUBMITTED, mode="text", text=text, submitted_at=timezone.now()
    )


def rate(response, analysis, *, level=4, quote="found the cause", text=SPOKEN, is_spoken=True):
    """A rating on the question's rubric; with `level=None` insufficient evidence."""
    rubric = response.question.competencies.get().rubric
    rating = Rating.objects.create(
        analysis=analysis,
        response=response,
        competency=rubric.competency,
        rubric=rubric,
        level=level,
        rationale="She says what she did and what came of it.",
    )
    if level is not None:
        start = text.index(quote)
        Evidence.objects.create(
            rating=rating,
            quote=quote,
            start_char=start,
            end_char=start + len(quote),
            start_ms=4800 if is_spoken else None,
            end_ms=6000 if is_spoken else None,
            verified=True,
        )
    return rating


def add_rater(session, provider="deterministic", **facts):
    return AnalysisRun.objects.create(
        session=session,
        provider=provider,
        model="contrast-1",
        rubric_hash="2" * 64,
        input_hash="3" * 64,
        **facts,
    )


def add_run(session, recordings, *, state=Run.State.COMPLETED, jobs=None, percent=100.0):
    """A run with a job for each stage; `jobs` maps (stage, recording id or None) to its facts."""
    now = timezone.now()
    run = Run.objects.create(
        organization=session.organization,
        subject_kind="session",
        subject_id=session.pk,
        board=session.version.interview.key,
        state=state,
        expected_recordings=len(recordings),
        sealed_at=now,
        percent=percent,
        last_event_seq=7,
        finished_at=now if state != Run.State.OPEN else None,
    )
    wanted = [(stage, recording.pk) for recording in recordings for stage in RECORDING_STAGES]
    wanted += [(stage, None) for stage in SESSION_STAGES]
    for stage, recording_id in wanted:
        facts = {"state": Job.State.DONE, "outcome": Job.Outcome.COMPLETED, "progress": 1.0}
        facts |= (jobs or {}).get((stage, recording_id), {})
        Job.objects.create(
            run=run,
            stage=stage,
            subject_kind="recording" if recording_id else "session",
            subject_id=recording_id or session.pk,
            attempts=facts.pop("attempts", 1),
            run_at=facts.pop("run_at", now),
            **facts,
        )
    return run


def fail_attempt(run, stage, subject_id, code, *, outcome=Attempt.Outcome.DEAD):
    job = Job.objects.get(run=run, stage=stage, subject_id=subject_id)
    return Attempt.objects.create(
        job=job,
        token=job.token + 1,
        worker="test:1",
        started_at=timezone.now(),
        ended_at=timezone.now(),
        outcome=outcome,
        failure_code=code,
        support_reference="ref-1234",
    )


DEAD = {"state": Job.State.DEAD, "outcome": "", "progress": 0, "failure_code": "invalid_media"}


def ready_session(interview, *, answers=None, mode="audio", alias="Heron 42", text=SPOKEN):
    """A submitted, processed and rated session; `answers` limits how many were recorded."""
    session = factories.make_session(interview, alias=alias)
    responses = list(session.responses.order_by("question__order"))[:answers]
    recordings = [add_recorded_answer(response, mode=mode, text=text) for response in responses]
    rater = add_rater(session)
    for response in responses:
        rate(response, rater, text=text, quote=text[:15])
    run = add_run(session, recordings)
    finish(session)
    return session, recordings, run


def finish(session, *, state=Session.State.READY_FOR_REVIEW, missing=()):
    now = timezone.now()
    session.state = state
    session.submitted_at = now - timedelta(minutes=3)
    session.ready_at = now if state == Session.State.READY_FOR_REVIEW else None
    session.missing = list(missing)
    session.save(update_fields=["state", "submitted_at", "ready_at", "missing"])


def unknown_id():
    return uuid.uuid4()


def second_interview(organization):
    """An interview of twenty questions beside the one that `interview` makes."""
    organization.competency_set.all().update(name="Another competency")
    return factories.make_interview(organization, questions=TWENTY)
