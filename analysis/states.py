"""Which sessions may be processed again, and which are open to be judged. Pure."""

# Before these a session still takes answers; after them its contents are gone.
PROCESSABLE = ("submitted", "processing", "ready_for_review", "decided")
# Once it is decided the grounds of the decision stay as they are.
REVIEWABLE = ("submitted", "processing", "ready_for_review")
