"""System checks of what the machine room is told: run by every management command."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name
from django.db import InterfaceError, NotSupportedError, OperationalError, connection

from ops import alert_channels, hints, pipeline
from ops.alert_rules import rules_in_force
from ops.breaker_rules import BreakerPolicy
from ops.masking import masked
from ops.pipeline import Stage
from ops.prices import price_table


@register
def check_stages(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Prove that the register of stages can work."""
    stages = pipeline.registered()
    return [*_faults(stages), *_circles()]


@register
def check_breaker_policy(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find a misspelt number of the circuit breakers at the start, not at the first outage."""
    try:
        BreakerPolicy.with_changes(settings.BREAKER_POLICY)
    except TypeError as error:
        return [Error(f"BREAKER_POLICY: {error}", id="ops.E006")]
    return []


@register
def check_alert_rules(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find a misspelt alert at the start: it would be found again only by its silence."""
    try:
        rules_in_force(settings.ALERT_RULES)
    except (TypeError, ValueError, AttributeError) as error:
        return [Error(f"ALERT_RULES: {error}", id="ops.E008")]
    return []


@register
def check_prices(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find a row of prices that is none at the start: it would be missing in every sum."""
    try:
        price_table(settings.PRICES)
    except (TypeError, ValueError) as error:
        return [Error(f"PRICES: {error}", id="ops.E011")]
    return []


@register(deploy=True)
def check_alert_urls(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find an address of an alert that nothing can be sent to, before there is something to say."""
    hint = "`manage.py send_test_alert` tells which arrive."
    return [
        Error(f"ALERT_URLS: nothing can be sent to {mark}.", hint=hint, id="ops.E009")
        for mark in alert_channels.not_understood()
    ]


@register(deploy=True)
def check_servers(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find a database that can't be used, and a Redis that does not answer, before people do."""
    return [*database_faults(), *redis_faults()]


def database_faults() -> list[CheckMessage]:
    """Return why the database can't be used, if it can't."""
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError, NotSupportedError) as error:
        where = "Look at DATABASE_URL, and whether its server runs and lets this host and user in."
        hint = where if settings.DATABASE_URL else "Look at DATA_DIR and who may write there."
        told = masked(str(error)).strip()
        return [Error(f"The database can't be used: {told}", hint=hint, id="ops.E007")]
    return []


def redis_faults() -> list[CheckMessage]:
    """Return that Redis does not answer, where one is set and it does not."""
    if not hints.is_used() or hints.is_answering():
        return []
    told = "Redis does not answer: work goes on, live progress comes a little later."
    return [Warning(told, hint="Look at REDIS_URL, and whether its server runs.", id="ops.W001")]


def _faults(stages: Sequence[Stage]) -> Iterator[CheckMessage]:
    by_name = {stage.name: stage for stage in stages}
    for stage in stages:
        file_name = stage.work.__module__.rpartition(".")[2]
        if file_name != stage.name:
            yield _error("E001", stage, f"lives in {file_name}.py: give both the same name.")
        if stage.weight <= 0:
            yield _error("E003", stage, "needs a weight above 0.")
        for name in stage.after:
            before = by_name.get(name)
            if before is None:
                yield _error("E002", stage, f"waits for {name}, which does not exist.")
            elif before.scope == "session" and stage.scope == "recording":
                yield _error("E005", stage, f"is of a recording but waits for {name} of a session.")


def _circles() -> list[CheckMessage]:
    try:
        pipeline.in_order()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        return [Error(f"Stages wait for each other: {circle}.", id="ops.E004")]
    except KeyError:
        return []  # told by E002
    return []


def _error(number: str, stage: Stage, text: str) -> CheckMessage:
    return Error(f"Stage {stage.name} {text}", id=f"ops.{number}")
