"""What a save says that started from a text which is no longer the newest."""

from ops.conflicts import StateConflict


class EditConflict(StateConflict):
    """Somebody else saved the same part meanwhile; neither text may be lost."""

    def __init__(self) -> None:
        super().__init__("edited_meanwhile", "Somebody else changed this while you were writing.")
