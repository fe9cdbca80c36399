"""Fixtures of the machine room's tests."""

from tests.ops.lab import lab  # noqa: F401 - a fixture
from tests.ops.plant import migrated, plant  # noqa: F401 - as above
