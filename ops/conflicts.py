"""A request that is well formed but that the present state does not allow: 409. Pure."""


class StateConflict(Exception):  # noqa: N818 - it is an answer, not a fault
    """Say with a stable `code` and a sentence for people why this can't be done now."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
