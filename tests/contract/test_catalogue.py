"""Both catalogues keep the same promises."""

from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.secrets import Secret
from buildd_manager.testing.contracts import archives, builders, series
from buildd_manager.testing.postgres import server
from tests.contract import stores


class MemoryArchivesTests(stores.MemoryStores, archives.ArchivesContract):
    """Archives are kept in memory."""


class PostgresArchivesTests(stores.PostgresStores, archives.ArchivesContract):
    """Archives are kept in PostgreSQL."""

    async def test_secrets(self) -> None:
        """PostgreSQL has no reason to write a secret into its log."""
        log = server().log()
        secret = Secret("open-sesame")
        await self.add("private", private=True, secret=secret)
        for name in ("debian", "private"):
            with self.assertRaises(ConflictError):
                await self.add(name, private=True, secret=secret)
        with self.assertRaises(ConflictError):
            await self.add_builder("bob")
        said = server().log().removeprefix(log)
        self.assertIn("INSERT INTO builder", said)
        self.assertNotIn("open-sesame", said)


class MemorySeriesTests(stores.MemoryStores, series.SeriesContract):
    """Series are kept in memory."""


class PostgresSeriesTests(stores.PostgresStores, series.SeriesContract):
    """Series are kept in PostgreSQL."""


class MemoryBuildersTests(stores.MemoryStores, builders.BuildersContract):
    """Builders are kept in memory."""


class PostgresBuildersTests(stores.PostgresStores, builders.BuildersContract):
    """Builders are kept in PostgreSQL."""
