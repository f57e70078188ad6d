"""Both queues keep the same promises."""

import psycopg2
from twisted.internet import reactor
from twisted.internet.task import deferLater

from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.builds import BuildState
from buildd_manager.testing.contracts import (
    cancelling,
    changing,
    dep_waits,
    listing,
    outlook,
    retrying,
    submitting,
)
from tests.contract import stores


class MemorySubmittingTests(stores.MemoryStores, submitting.SubmittingContract):
    """Sources enter the queue in memory."""


class PostgresSubmittingTests(stores.PostgresStores, submitting.SubmittingContract):
    """Sources enter the queue in PostgreSQL."""


class MemoryListingTests(stores.MemoryStores, listing.ListingContract):
    """Builds are shown from memory."""


class PostgresListingTests(stores.PostgresStores, listing.ListingContract):
    """Builds are shown from PostgreSQL."""


class MemoryChangingTests(stores.MemoryStores, changing.ChangingContract):
    """Builds are rescored and superseded in memory."""


class PostgresChangingTests(stores.PostgresStores, changing.ChangingContract):
    """Builds are rescored and superseded in PostgreSQL."""


class MemoryRetryingTests(stores.MemoryStores, retrying.RetryingContract):
    """Builds are retried in memory."""


class PostgresRetryingTests(stores.PostgresStores, retrying.RetryingContract):
    """Builds are retried in PostgreSQL."""

    async def test_superseded_meanwhile(self) -> None:
        """Whoever retries a build while it is superseded is refused."""
        number = await self.failed()
        newer = psycopg2.connect(self.database.owner_dsn)
        self.addCleanup(newer.close)
        newer.cursor().execute("UPDATE source SET status = 'superseded'")
        retrying = self.store.queue.retry(number)
        await somebody_waits(self.pool)
        newer.commit()
        await self.refused(retrying)


class MemoryCancellingTests(stores.MemoryStores, cancelling.CancellingContract):
    """Builds are cancelled in memory."""


class PostgresCancellingTests(stores.PostgresStores, cancelling.CancellingContract):
    """Builds are cancelled in PostgreSQL."""

    async def test_claimed_meanwhile(self) -> None:
        """Whoever cancels a build while it is claimed has one cancelled that runs."""
        build = await self.submit()
        claimer = psycopg2.connect(self.database.owner_dsn)
        self.addCleanup(claimer.close)
        claimer.cursor().execute(
            "UPDATE build SET state = 'building' WHERE id = %s", (build.id,)
        )
        cancelling = self.store.queue.cancel(build.id)
        await somebody_waits(self.pool)
        self.assertNoResult(cancelling)
        claimer.commit()
        self.assertIs((await cancelling).state, BuildState.CANCELLING)


async def somebody_waits(pool: Pool) -> None:
    """Wait until somebody waits for somebody else."""
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while await pool.query(sql) == [(0,)]:
        await deferLater(reactor, 0.01)


class MemoryOutlookTests(stores.MemoryStores, outlook.OutlookContract):
    """The farm is seen in memory."""


class PostgresOutlookTests(stores.PostgresStores, outlook.OutlookContract):
    """The farm is seen in PostgreSQL."""


class MemoryDepWaitsTests(stores.MemoryStores, dep_waits.DepWaitsContract):
    """Builds wait for packages in memory."""


class PostgresDepWaitsTests(stores.PostgresStores, dep_waits.DepWaitsContract):
    """Builds wait for packages in PostgreSQL."""
