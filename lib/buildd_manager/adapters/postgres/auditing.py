"""What was changed stays written down, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from psycopg2.extras import Json
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.adapters.postgres.files import LARGEST
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.adapters.postgres.rows import Row
from buildd_manager.domain.audit import Deed, Entry, Kind
from buildd_manager.ports import IAudit


WRITE = """
INSERT INTO audit (who, kind, name, what, changes) VALUES (%s, %s, %s, %s, %s)
"""

ENTRIES = """
SELECT id, date_created, who, kind, name, what, changes FROM audit
 WHERE who IS NOT NULL AND id < %(before)s
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(name)s::text IS NULL OR name = %(name)s)
 ORDER BY id DESC LIMIT %(limit)s
"""


async def write_down(cursor: Any, who: str, *deeds: Deed) -> None:
    """Write down what was done, in the transaction that does it."""
    for one in deeds:
        changes = Json(one.changes)
        values = (who, one.kind.value, one.name, one.what, changes)
        await cursor.execute(WRITE, values)


@implementer(IAudit)
@frozen
class PostgresAudit:
    """What was changed, as rows."""

    _pool: Pool

    def entries(
        self, kind: Kind | None, name: str | None, before: int | None, limit: int
    ) -> Deferred[Sequence[Entry]]:
        values = {
            "kind": None if kind is None else kind.value,
            "name": name,
            "before": LARGEST if before is None else min(before, LARGEST),
            "limit": limit,
        }
        found: Deferred[Any] = self._pool.query(ENTRIES, values)
        return found.addCallback(lambda rows: [_entry(row) for row in rows])


def _entry(row: Row) -> Entry:
    number, when, who, kind, name, what, changes = row
    told = {field: (before, after) for field, (before, after) in changes.items()}
    deed = Deed(Kind(kind), name, what, told)
    return Entry(id=number, when=when, who=who, deed=deed)
