"""An app with one stage that does nothing, for workers that are measured."""
