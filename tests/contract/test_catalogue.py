"""Both catalogues keep the same promises."""

from buildd_manager.testing.contracts import archives, builders, series
from tests.contract import stores


class MemoryArchivesTests(stores.MemoryStores, archives.ArchivesContract):
    """Archives are kept in memory."""


class PostgresArchivesTests(stores.PostgresStores, archives.ArchivesContract):
    """Archives are kept in PostgreSQL."""


class MemorySeriesTests(stores.MemoryStores, series.SeriesContract):
    """Series are kept in memory."""


class PostgresSeriesTests(stores.PostgresStores, series.SeriesContract):
    """Series are kept in PostgreSQL."""


class MemoryBuildersTests(stores.MemoryStores, builders.BuildersContract):
    """Builders are kept in memory."""


class PostgresBuildersTests(stores.PostgresStores, builders.BuildersContract):
    """Builders are kept in PostgreSQL."""
