"""System checks of what the settings say about recordings: run by every management command."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from recordings.purposes import purposes


@register
def check_url_purposes(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find a misspelt purpose at the start, not when somebody presses play."""
    try:
        purposes(settings.URL_PURPOSES)
    except (ValueError, TypeError, AttributeError) as error:
        return [Error(f"URL_PURPOSES: {error}", id="recordings.E001")]
    return []


@register
def check_object_storage(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Find S3 without a bucket at the start, not when somebody sends an answer."""
    if settings.STORAGE != "s3" or settings.S3_BUCKET:
        return []
    return [
        Error(
            "STORAGE=s3, but S3_BUCKET is empty.",
            hint="Set S3_BUCKET; or start by `make run STORAGE=s3`, which brings a server along.",
            id="recordings.E002",
        )
    ]
