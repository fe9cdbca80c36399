"""An app that stands between the engine and its stages: it counts, and it strikes."""
