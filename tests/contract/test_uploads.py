"""Both upload stores, and both indexes of files, keep the same promises."""

from buildd_manager.testing.contracts import uploads
from tests.contract.stores import MemoryStores, PostgresStores


class MemoryUploadTests(MemoryStores, uploads.UploadContract):
    """Uploads, in memory."""


class MemoryFileTests(MemoryStores, uploads.FileContract):
    """Names of files, in memory."""


class PostgresUploadTests(PostgresStores, uploads.UploadContract):
    """Uploads, in PostgreSQL."""


class PostgresFileTests(PostgresStores, uploads.FileContract):
    """Names of files, in PostgreSQL."""
