"""Lists of addresses in one variable."""

import re

BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")


def alert_addresses(text: str) -> list[str]:
    """Return the addresses of a text: a space or comma before a scheme ends the one before it.

    A comma elsewhere belongs to its address: `mailtos://…?to=ada@example.org,sam@example.org`.
    """
    return [each for each in BETWEEN.split(text.strip().rstrip(",")) if each]
