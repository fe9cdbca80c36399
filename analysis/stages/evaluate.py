"""Rate the session's answers: a fixed rule always, a language model beside it where configured."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from analysis import engines, evaluation, first_reading, second_opinion, spending
from analysis.asking import Asking, ask, asking_of
from analysis.attempts import will_retry
from analysis.engines.base import LanguageModel
from analysis.evaluation import RunDraft
from analysis.known import Replies
from analysis.material import SessionMaterial, load_material
from analysis.model_batches import Pending
from interviews.models import Session
from ops.failures import Failure, by_code, classify
from ops.pipeline import Effect, Report, Result, Skip, Wait, stage

HANDED_IN = "The language model's ratings were handed in as a batch."
log = logging.getLogger(__name__)


@stage(
    scope="session",
    after="measure_text",
    weight=20,
    timeout=timedelta(minutes=10),
    consent="ai_analysis",
)
def evaluate(session_id: UUID, report: Report) -> Result:
    """Make both ratings outside any transaction; a result on the same input is kept."""
    session = Session.objects.select_related("candidate", "version__interview").get(pk=session_id)
    if session.ai_mode == "off":
        return Skip("AI assistance is switched off for this interview")
    if report.options.get("analyze") is False:
        return Skip("rating was not asked for")
    material = load_material(session)
    asking = asking_of(report.run_id, report.options)
    drafts: list[RunDraft] = []
    embedder = engines.embedder()
    reading_hash = first_reading.input_hash(material, embedder)
    known = evaluation.current_run(session_id, first_reading.PROVIDER, reading_hash)
    if known is None or (asking.is_forced and not asking.has_begun):
        drafts.append(first_reading.read_session(material, embedder))
    report.progress(0.3)
    waits = partial(will_retry, report, "evaluate", session_id)
    try:
        drafts += _second_opinions(material, asking, waits)
    except Pending as pending:
        return Wait(HANDED_IN, pending.after, _saving(material, drafts) if drafts else None)
    report.progress(0.9)
    return Effect(_saving(material, drafts))


def _saving(material: SessionMaterial, drafts: list[RunDraft]) -> Callable[[], None]:
    return partial(evaluation.save_evaluation, material=material, drafts=drafts)


def _second_opinions(
    material: SessionMaterial, asking: Asking, waits: Callable[[Failure], bool]
) -> list[RunDraft]:
    """Return the first language model's ratings, and for each that failed for good why.

    A failure that heals with time is raised, so that the job engine tries again by its policy;
    after the last attempt it is written down, and the deterministic reading stands.
    """
    drafts: list[RunDraft] = []
    if not second_opinion.is_worth_asking(material):
        return drafts
    for engine in engines.language_models():
        if not engine.availability().ok:
            continue
        input_hash = second_opinion.input_hash(material, engine)
        replies = Replies(material, engine, input_hash)
        if not asking.is_forced and replies.stand_already():
            return drafts
        if spending.budget_choice([engine], material.organization_id)[1]:
            drafts.append(_failed(engine, input_hash, by_code("budget_exceeded")))
            continue
        try:
            rated = second_opinion.rate_session(material, engine, partial(ask, asking, replies))
        except Pending:
            raise
        except Exception as error:
            failure = classify(error)
            # An open breaker closes again: wait as for any failure that heals with time.
            heals = failure.code == "breaker_open" or not failure.next_engine
            if heals and waits(failure):
                raise
            log.warning("No second opinion by %s: %s", engine.name, failure.code)
            drafts.append(_failed(engine, input_hash, failure))
        else:
            return [*drafts, rated]
    return drafts


def _failed(engine: LanguageModel, input_hash: str, failure: Failure) -> RunDraft:
    return RunDraft(
        provider=engine.name,
        model=engine.model,
        input_hash=input_hash,
        failure_code=failure.code,
    )
