"""Log lines for people (console) and for machines (one JSON object a line), with secrets masked."""

import json
import logging
from typing import Any

from ops.masking import masked

FIELDS = ("request_id", "run_id", "job_id", "stage", "failure_code", "support_reference")


class ConsoleFormatter(logging.Formatter):
    """`12:00:01 WARNING ops.jobs message`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ids that tie a line to a request, run, job and stage."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        line |= {name: str(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def logging_table(*, log_format: str, level: str) -> dict[str, Any]:
    """Return LOGGING: everything to stderr, and libraries that chat only when it matters."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "console": {"()": "config.logs.ConsoleFormatter"},
            "json": {"()": "config.logs.JsonFormatter"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django-q": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},  # the openai SDK's: it logs every URL
            # It writes addresses, which are secrets; ops.alerts tells what did not arrive.
            "apprise": {"handlers": [], "level": "INFO", "propagate": False},
            "faster_whisper": {"level": "WARNING"},
            "uvicorn.access": {"level": "WARNING"},
        },
    }
