"""Pure: see the next commit."""
