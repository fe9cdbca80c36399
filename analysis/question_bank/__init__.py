"""Questions and competencies written for Candor, in three languages. Pure: files in, values out.

Open `bank()`; shapes.py says what is in it, docs/question-bank.md how to add a file of your own.
"""

from functools import cache
from pathlib import Path

from analysis.question_bank.reading import BankError, read_bank
from analysis.question_bank.shapes import (
    DIFFICULTIES,
    KINDS,
    LEVELS,
    LOCALES,
    PROGRAMMING_LANGUAGES,
    Bank,
    BankQuestion,
    CodeCase,
    CodingTask,
    LibraryCompetency,
    Words,
    bank_locale,
)

FOLDER = Path(__file__).parent
_folders = [FOLDER]

__all__ = [
    "DIFFICULTIES",
    "FOLDER",
    "KINDS",
    "LEVELS",
    "LOCALES",
    "PROGRAMMING_LANGUAGES",
    "Bank",
    "BankError",
    "BankQuestion",
    "CodeCase",
    "CodingTask",
    "LibraryCompetency",
    "Words",
    "also_read",
    "bank",
    "bank_locale",
    "read_bank",
]


def also_read(folder: Path) -> None:
    """Have the bank hold the files of this folder, too: once, at the start of a process."""
    if folder not in _folders:
        _folders.append(folder)
        bank.cache_clear()


@cache
def bank() -> Bank:
    """Return the bank; read and checked once per process.

    Raises: BankError where a file can't be used.
    """
    return read_bank(_folders)
