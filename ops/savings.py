"""What spares money, and against which alternative that is said. Pure data."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One way of spending less."""

    name: str  # UsageEntry.saved_by
    label: str | Promise
    alternative: str | Promise


LEVERS = {
    lever.name: lever
    for lever in (
        Lever(
            name="cache",
            label=_("Known already"),
            alternative=_("asking the same engine the same again, at its price"),
        ),
        Lever(
            name="local",
            label=_("Local engines"),
            alternative=_("the hosted engine that the settings name, for the same work"),
        ),
        Lever(
            name="batching",
            label=_("One call for all answers"),
            alternative=_("one call for each answer, with the instructions and its own scales"),
        ),
        Lever(
            name="batch_api",
            label=_("Work that may wait"),
            alternative=_("the same tokens at the price of an answer at once"),
        ),
        Lever(
            name="prompt_cache",
            label=_("Read before by the provider"),
            alternative=_("the same tokens at the price of fresh ones"),
        ),
        Lever(
            name="silence",
            label=_("Silence not sent"),
            alternative=_("sending recordings without speech to the hosted engine, too"),
        ),
        Lever(
            name="lifecycle",
            label=_("Storage classes"),
            alternative=_("the same bytes for the same time in the standard class"),
        ),
    )
}
