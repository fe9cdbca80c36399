"""An app of stages for tests that need worker processes of their own."""
