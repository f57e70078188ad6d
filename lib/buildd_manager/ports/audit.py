"""What was changed on a farm, as it stays written down."""

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.audit import Entry, Kind


class IAudit(Interface):
    """
    What people have changed, and managers where nobody has asked them.

    It is written down in the transaction that changes it, for good. What managers do
    to attempts is not here: builds have their attempts.

    :raises StoreError: By every call, if the database fails.
    """

    def entries(
        kind: Kind | None, name: str | None, before: int | None, limit: int
    ) -> Deferred[Sequence[Entry]]:
        """
        List what was changed, the last first.

        :param kind: Only of things of this kind; ``None`` is of all.
        :param name: Only of those called so; of builds, it is the number.
        :param before: Only what is older than this entry.
        """
