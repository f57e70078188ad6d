"""Both queues keep the same promises."""

from functools import partial

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

    async def test_virtualized_meanwhile(self) -> None:
        """Who may build what is submitted is decided by what others say meanwhile."""
        for sql in stores.VIRTUALIZED:
            submit = partial(self.store.queue.submit, await self.submission())
            (build,) = await (await self.while_waiting(sql, submit))
            (waiting,) = (await self.store.queue.outlook()).builds
            self.assertTrue(waiting.virtualized)
            await self.store.queue.cancel(build.id)
            self.as_owner(stores.NOT_VIRTUALIZED)


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
        retry = partial(self.store.queue.retry, number)
        newer = "UPDATE source SET status = 'superseded'"
        await self.refused(await self.while_waiting(newer, retry))

    async def test_virtualized_meanwhile(self) -> None:
        """Who may build what is retried is decided by what others say meanwhile."""
        for sql in stores.VIRTUALIZED:
            number = await self.failed()
            retry = partial(self.store.queue.retry, number)
            await (await self.while_waiting(sql, retry))
            (waiting,) = (await self.store.queue.outlook()).builds
            self.assertTrue(waiting.virtualized)
            await self.store.queue.cancel(number)
            self.as_owner(stores.NOT_VIRTUALIZED)


class MemoryCancellingTests(stores.MemoryStores, cancelling.CancellingContract):
    """Builds are cancelled in memory."""


class PostgresCancellingTests(stores.PostgresStores, cancelling.CancellingContract):
    """Builds are cancelled in PostgreSQL."""

    async def test_claimed_meanwhile(self) -> None:
        """Whoever cancels a build while it is claimed has one cancelled that runs."""
        build = await self.submit()
        claimed = f"UPDATE build SET state = 'building' WHERE id = {build.id}"
        cancel = partial(self.store.queue.cancel, build.id)
        cancelled = await (await self.while_waiting(claimed, cancel))
        self.assertIs(cancelled.state, BuildState.CANCELLING)


class MemoryOutlookTests(stores.MemoryStores, outlook.OutlookContract):
    """The farm is seen in memory."""


class PostgresOutlookTests(stores.PostgresStores, outlook.OutlookContract):
    """The farm is seen in PostgreSQL."""


class MemoryDepWaitsTests(stores.MemoryStores, dep_waits.DepWaitsContract):
    """Builds wait for packages in memory."""


class PostgresDepWaitsTests(stores.PostgresStores, dep_waits.DepWaitsContract):
    """Builds wait for packages in PostgreSQL."""
