"""Builds, as people ask for them and see them, in PostgreSQL."""

from attrs import frozen

from buildd_manager.adapters.postgres.pool import Pool


@frozen
class PostgresQueue:
    """Builds, as rows."""

    _pool: Pool
