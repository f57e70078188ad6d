"""Builds, as people ask for them and see them, in memory."""

from attrs import frozen

from buildd_manager.testing.rows import Rows


@frozen
class MemoryQueue:
    """Builds, in memory."""

    rows: Rows
