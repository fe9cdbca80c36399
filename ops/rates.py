"""How fast each stage was lately, measured from finished attempts."""

import time
from statistics import median, quantiles

from ops.models import Attempt
from ops.shares import Rate

KEPT_S = 30.0
SAMPLES = 400  # latest attempts looked at, over all stages
PER_STAGE = 20

_kept: tuple[float, dict[str, Rate]] | None = None


def measured_rates() -> dict[str, Rate]:
    """Return the rate of every stage that finished lately; asked of the database every 30 s."""
    global _kept  # noqa: PLW0603 - one value per process, replaced whole
    if _kept is None or time.monotonic() - _kept[0] > KEPT_S:
        _kept = (time.monotonic(), _measure())
    return _kept[1]


def forget() -> None:
    """Ask the database again next time."""
    global _kept  # noqa: PLW0603 - as above
    _kept = None


def _measure() -> dict[str, Rate]:
    rows = (
        Attempt.objects.filter(outcome=Attempt.Outcome.COMPLETED, ended_at__isnull=False)
        .order_by("-ended_at")
        .values_list("job__stage", "started_at", "ended_at", "media_s")[:SAMPLES]
    )
    samples: dict[str, list[tuple[float, float | None]]] = {}
    for stage, started_at, ended_at, media_s in rows:
        of_stage = samples.setdefault(stage, [])
        if ended_at is not None and len(of_stage) < PER_STAGE:
            of_stage.append(((ended_at - started_at).total_seconds(), media_s))
    return {stage: rate_of(of_stage) for stage, of_stage in samples.items()}


def rate_of(samples: list[tuple[float, float | None]]) -> Rate:
    """Return the rate of (seconds of work, seconds of media) samples, at least one."""
    seconds = [work_s for work_s, _ in samples]
    ratios = [work_s / media_s for work_s, media_s in samples if media_s]
    return Rate(
        per_attempt_s=median(seconds),
        per_media_s=median(ratios) if ratios else None,
        spread_share=_spread_share(ratios or seconds),
    )


def _spread_share(values: list[float]) -> float | None:
    """Return half the interquartile range over the median: how far off the next one may be."""
    if len(values) < 2 or not (middle := median(values)):  # noqa: PLR2004 - one has no spread
        return None
    low, _, high = quantiles(values, n=4)
    return (high - low) / 2 / middle
