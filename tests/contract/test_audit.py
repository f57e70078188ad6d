"""Both audits keep the same promises."""

import psycopg2

from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.errors import StoreError
from buildd_manager.testing.contracts import audit, audit_builds, audit_furniture
from tests.contract import stores


class MemoryAuditTests(stores.MemoryStores, audit.AuditContract):
    """What was changed is written down in memory."""


class MemoryBuildAuditTests(stores.MemoryStores, audit_builds.BuildAuditContract):
    """What was done to builds is written down in memory."""


class MemoryFurnitureAuditTests(
    stores.MemoryStores, audit_furniture.FurnitureAuditContract
):
    """What was done to furniture is written down in memory."""


class PostgresBuildAuditTests(stores.PostgresStores, audit_builds.BuildAuditContract):
    """What was done to builds is written down in PostgreSQL."""


class PostgresFurnitureAuditTests(
    stores.PostgresStores, audit_furniture.FurnitureAuditContract
):
    """What was done to furniture is written down in PostgreSQL."""


class PostgresAuditTests(stores.PostgresStores, audit.AuditContract):
    """What was changed is written down in PostgreSQL."""

    async def test_both_or_neither(self) -> None:
        """What cannot be written down is not changed, either."""
        self.as_owner("REVOKE INSERT ON audit FROM fiera")
        with self.assertRaises(StoreError):
            await self.catalogue.change_builder("bob", BuilderChange(manual=True))
        builder, _ = await self.catalogue.find_builder("bob")
        self.assertFalse(builder.manual)

    async def test_whole(self) -> None:
        """An entry says who, what and of which thing, or it is none."""
        half = "INSERT INTO audit (who, what) VALUES ('ann', 'add')"
        with self.assertRaises(psycopg2.errors.CheckViolation):
            self.as_owner(half)
