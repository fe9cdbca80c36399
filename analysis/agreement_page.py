"""Agreement as its page shows it: each number with its interval, a picture and a sentence. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.agreement import MIN_PAIRS, MIN_SESSIONS, Estimate, Panel
from analysis.interview_agreement import (
    CompetencyAgreement,
    InterviewAgreement,
    MachineAgreement,
    ReviewerSeverity,
)
from ops.charts import Span, span

RELIED_ON, TENTATIVE = 0.8, 0.667  # Krippendorff's bounds for alpha
MACHINE_BOUND = 0.7  # for machine scores beside people's: Williamson, Xi and Breyer 2012
COEFFICIENT = (-1.0, 1.0)
LEVELS_APART = (-2.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One number as it is told; without a value the sentence says why."""

    value: str
    interval: str
    span: Span | None
    basis: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A number and what it is called; a machine's has its provider."""

    name: str
    told: Told
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The numbers of one competency."""

    title: str
    rows: tuple[Row, ...]

    @property
    def silence(self) -> str:
        """Why none of them is told; empty where one is."""
        is_told = any(row.told.value for row in self.rows)
        return "" if is_told else self.rows[0].told.meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPage:
    """The whole page."""

    found: InterviewAgreement
    competencies: tuple[Group, ...]
    reviewers: tuple[Row, ...]
    machines: tuple[Row, ...]
    nearest: CompetencyAgreement | None  # to its first number, while there is none

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was judged that could be compared."""
        return self.found.session_count == 0


def agreement_page(found: InterviewAgreement) -> AgreementPage:
    """Lay out an interview's agreement."""
    is_told = any(each.alpha.value is not None for each in found.competencies)
    by_pairs = sorted(found.competencies, key=lambda each: -each.alpha.pair_count)
    return AgreementPage(
        found=found,
        competencies=tuple(
            Group(title=each.competency, rows=_rows(each)) for each in found.competencies
        ),
        reviewers=tuple(_reviewer(each) for each in found.reviewers),
        machines=tuple(_machine(each) for each in found.machines),
        nearest=None if is_told or not by_pairs else by_pairs[0],
    )


def _rows(each: CompetencyAgreement) -> tuple[Row, ...]:
    reliability = each.reliability
    size = reliability.panel_size
    return (
        Row(name="Alpha (ordinal)", told=_told(each.alpha, _of_alpha)),
        Row(
            name=f"One reviewer: ICC, {reliability.model}",
            told=_told(reliability.single, _of_single),
        ),
        Row(
            name=f"Mean of {size} reviewers",
            told=_told(reliability.mean, _of_mean),
        ),
        Row(name="Reviewers that are enough", told=_enough(each.enough, reliability.single)),
    )


def _reviewer(each: ReviewerSeverity) -> Row:
    told = _told(each.severity, _of_severity, axis=LEVELS_APART, sign="+")
    return Row(name=f"{each.reviewer} (you)" if each.is_me else each.reviewer, told=told)


def _machine(each: MachineAgreement) -> Row:
    told = _told(each.kappa, _of_kappa)
    return Row(name=each.competency, told=told, provider=each.provider)


def _told(
    estimate: Estimate,
    meaning: Callable[[Estimate], str],
    *,
    axis: tuple[float, float] = COEFFICIENT,
    sign: str = "",
) -> Told:
    """Tell a number, or why there is none."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return Told(value="", interval="", span=None, basis=basis(estimate), meaning=why(estimate))
    value, low, high = (
        f"{each:{sign}.2f}" for each in (estimate.value, estimate.low, estimate.high)
    )
    return Told(
        value=value,
        interval=f"{low} to {high}",
        span=span(estimate.low, estimate.value, estimate.high, least=axis[0], most=axis[1]),
        basis=basis(estimate),
        meaning=meaning(estimate),
    )


def _enough(panel: Panel | None, single: Estimate) -> Told:
    if panel is None:
        return Told(value="", interval="", span=None, basis=basis(single), meaning=why(single))
    best, worst = (
        "no number" if count is None else str(count)
        for count in (panel.count_at_best, panel.count_at_worst)
    )
    if panel.count is None:
        value, meaning = "no number", "A mean of any number of them tells no more than chance."
    else:
        value = str(panel.count)
        reached = f"a reliability of {panel.target:.2f} or more"
        meaning = f"By Spearman-Brown the mean of {value} has {reached}."
    return Told(
        value=value,
        interval=best if best == worst else f"{best} to {worst}",
        span=None,
        basis=basis(single),
        meaning=meaning,
    )


def basis(estimate: Estimate) -> str:
    """Return what a number rests on."""
    pairs = _counted(estimate.pair_count, "pair")
    return f"{pairs}, {_counted(estimate.session_count, 'session')}"


def why(estimate: Estimate) -> str:
    """Return why there is no number."""
    missing = estimate.missing_pair_count
    return {
        "": "",
        "too_few_pairs": f"Not enough to tell: {estimate.pair_count} of {MIN_PAIRS} rated pairs, "
        f"{missing} missing.",
        "too_few_sessions": f"Not enough to tell: the pairs are of "
        f"{_counted(estimate.session_count, 'session')}, and it takes {MIN_SESSIONS}.",
        "too_uniform": "Not enough to tell: the levels hardly differ, so that agreement can't be "
        "told from chance.",
        "not_above_zero": "One reviewer alone tells no more than chance, so there is no more "
        "in a mean.",
    }[estimate.reason]


def _of_alpha(estimate: Estimate) -> str:
    return _by_bounds(
        estimate,
        (
            (RELIED_ON, "Reviewers use the scale alike: these levels can be relied on."),
            (TENTATIVE, "Alike enough for tentative conclusions, not for fine distinctions."),
        ),
        below="Too little alike: read the anchors together before more sessions are judged.",
    )


def _of_kappa(estimate: Estimate) -> str:
    near = "As near to the reviewers' mean as machine scores are asked to be."
    far = "Further from the reviewers' mean than machine scores are asked to be."
    return _by_bounds(estimate, ((MACHINE_BOUND, near),), below=far)


def _by_bounds(estimate: Estimate, bounds: Sequence[tuple[float, str]], *, below: str) -> str:
    """Return what is so over the whole interval; where it crosses the last bound, that it does."""
    low, high = estimate.low or 0.0, estimate.high or 0.0
    for bound, meaning in bounds:
        if low >= bound:
            return meaning
    least = bounds[-1][0]
    if high < least:
        return below
    return f"It may be enough or too little: the interval crosses {least:g}."


def _of_single(estimate: Estimate) -> str:
    if estimate.value is None or estimate.value <= 0:
        return "One reviewer alone tells candidates apart no better than chance."
    return (
        f"{estimate.value:.0%} of what sets levels apart lies between candidates; the rest is "
        "reviewers and chance."
    )


def _of_mean(estimate: Estimate) -> str:
    return f"{estimate.value:.0%} of what sets such means apart lies between candidates."


def _of_severity(estimate: Estimate) -> str:
    if (estimate.low or 0) > 0:
        return "Milder than the others on the same sessions."
    if (estimate.high or 0) < 0:
        return "Stricter than the others on the same sessions."
    return "Not to be told apart from the others."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
