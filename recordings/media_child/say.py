"""How the child speaks: one JSON object per line on standard output. Pure of Django."""

import json
import sys
import time
from typing import Any

INTERVAL_S = 0.25


def say(**message: Any) -> None:
    """Write one line for the parent."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Progress:
    """Tell how much is done, at most four times a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def tell(self, share: float) -> None:
        """Report `share`, 0..1."""
        now = time.monotonic()
        if now - self._last >= INTERVAL_S:
            self._last = now
            say(progress=round(min(1.0, max(0.0, share)), 4))
