"""What comes of a PATCH: saved, or both texts, so that two who edit at once lose nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from interviews.services.edits import EditConflict
from ops.etags import starts_from
from ops.problems import EditedMeanwhile


def validated(serializer: Serializer[Any]) -> dict[str, Any]:
    """Return what was asked.

    Raises: ValidationError
    """
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def save_edit(
    request: Request,
    mine: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    current: Callable[[], Mapping[str, Any]],
    save: Callable[[int], object],
) -> None:
    """Save `mine`, fields as documents show them; a newer text that says the same is no conflict.

    `before` is the document that the save starts from, `current` reads it anew.

    Raises: EditedMeanwhile, ValidationError
    """
    newest = before
    given = mine.get("edit_number")
    if starts_from(request, given=given, current=newest["edit_number"]):
        try:
            save(newest["edit_number"])
        except EditConflict:
            newest = current()
        else:
            return
    differences = {
        name: {"theirs": newest[name], "yours": value}
        for name, value in mine.items()
        if name != "edit_number" and newest[name] != value
    }
    if differences:
        raise EditedMeanwhile(differences, edit_number=newest["edit_number"])
