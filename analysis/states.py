"""Which sessions may be processed again. Pure."""

# Before these a session still takes answers; after them its contents are gone.
PROCESSABLE = ("submitted", "processing", "ready_for_review", "decided")
