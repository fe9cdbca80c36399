"""Whether staff have shown what they must show before they enter the admin."""

from enum import Enum
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

SECOND_FACTOR = "mfa"  # allauth's name of the method in its records of a sign-in


class Missing(Enum):
    """What is left to do."""

    NOTHING = "nothing"
    SET_UP = "set_up"  # the account has no second factor
    GIVE = "give"  # it has one, and this browser session was begun without it


def missing_of(request: HttpRequest) -> Missing:
    """Return what a signed-in person of the staff still has to do in this browser session.

    A session that is older than the factor, or was begun before the setting, has not shown it.
    """
    user: Any = request.user
    if not settings.STAFF_MFA:
        return Missing.NOTHING
    if not is_mfa_enabled(user):
        return Missing.SET_UP
    records = get_authentication_records(request, user)
    is_shown = any(record["method"] == SECOND_FACTOR for record in records)
    return Missing.NOTHING if is_shown else Missing.GIVE
