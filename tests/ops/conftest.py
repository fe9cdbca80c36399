"""Fixtures of the machine room's tests."""

from tests.ops.lab import lab  # noqa: F401 - a fixture
