"""Which content has which names, in PostgreSQL."""

from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.adapters.postgres import rows
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import IFileIndex


ADD_CONTENT = """
INSERT INTO library_file_content (sha256, sha1, size) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""

ADD_ALIAS = """
INSERT INTO library_file_alias (content, filename, mimetype, restricted)
VALUES (%(sha256)s, %(name)s, %(mimetype)s, %(restricted)s AND NOT EXISTS (
  SELECT FROM library_file_alias WHERE content = %(sha256)s AND NOT restricted))
RETURNING id, restricted
"""

FIND = "SELECT to_jsonb(f) FROM stored_file f WHERE alias = %s"

#: The largest number that PostgreSQL's bigint holds.
LARGEST = 2**63 - 1


@implementer(IFileIndex)
@frozen
class PostgresFileIndex:
    """Contents and aliases as rows."""

    _pool: Pool

    def add_file(
        self,
        name: str,
        mimetype: str,
        size: int,
        sha1: str,
        sha256: str,
        *,
        restricted: bool = False,
    ) -> Deferred[StoredFile]:
        named = {"name": name, "mimetype": mimetype, "sha256": sha256}

        async def work(cursor: Any) -> StoredFile:
            await cursor.execute(ADD_CONTENT, (sha256, sha1, size))
            await cursor.execute(ADD_ALIAS, {**named, "restricted": restricted})
            alias, closed = cursor.fetchone()
            return StoredFile(
                alias=alias, size=size, sha1=sha1, restricted=closed, **named
            )

        return self._pool.run(work)

    def find_file(self, alias: int) -> Deferred[StoredFile]:
        def read(found: list[Any]) -> StoredFile:
            if not found:
                raise NotFoundError(
                    "file", f"there is no file {alias}", "ask for another"
                )
            return rows.stored_file(found[0][0])

        asked: Deferred[Any] = self._pool.query(FIND, (min(alias, LARGEST),))
        return asked.addCallback(read)
