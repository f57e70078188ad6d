"""Both queues keep the same promises."""

from buildd_manager.testing.contracts import (
    changing,
    dep_waits,
    listing,
    outlook,
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
    """Builds are retried and cancelled in memory."""


class PostgresChangingTests(stores.PostgresStores, changing.ChangingContract):
    """Builds are retried and cancelled in PostgreSQL."""


class MemoryOutlookTests(stores.MemoryStores, outlook.OutlookContract):
    """The farm is seen in memory."""


class PostgresOutlookTests(stores.PostgresStores, outlook.OutlookContract):
    """The farm is seen in PostgreSQL."""


class MemoryDepWaitsTests(stores.MemoryStores, dep_waits.DepWaitsContract):
    """Builds wait for packages in memory."""


class PostgresDepWaitsTests(stores.PostgresStores, dep_waits.DepWaitsContract):
    """Builds wait for packages in PostgreSQL."""
