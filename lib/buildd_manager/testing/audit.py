"""What was changed stays written down, in memory."""

from collections.abc import Sequence

from attrs import frozen
from zope.interface import implementer

from buildd_manager.domain.audit import Entry, Kind
from buildd_manager.ports import IAudit
from buildd_manager.testing.rows import Rows, promised


@implementer(IAudit)
@frozen
class MemoryAudit:
    """What was changed, in memory."""

    rows: Rows

    @promised
    def entries(
        self, kind: Kind | None, name: str | None, before: int | None, limit: int
    ) -> Sequence[Entry]:
        found = [
            entry
            for entry in reversed(self.rows.audit)
            if kind in {None, entry.deed.kind} and name in {None, entry.deed.name}
            if before is None or entry.id < before
        ]
        return found[:limit]
