"""System checks of what analysis reads from files: run by every management command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from analysis import question_bank


@register
def check_question_bank(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find a wrong entry of one's own questions at the start, not when somebody asks for one."""
    folder = settings.QUESTION_BANK_DIR
    if folder and not Path(folder).is_dir():
        return [Error(f"QUESTION_BANK_DIR: {folder} is no folder.", id="analysis.E001")]
    try:
        question_bank.bank()
    except question_bank.BankError as error:
        return [
            Error(
                f"The question bank can't be used: {error}",
                hint="docs/question-bank.md says what a file looks like.",
                id="analysis.E002",
            )
        ]
    return []
