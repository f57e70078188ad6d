"""What all furniture of a farm has in common, in memory."""

from collections.abc import Mapping

from attrs import frozen

from buildd_manager.domain.audit import MANAGER, Deed
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import ConflictError
from buildd_manager.testing.rows import Rows


@frozen
class Furniture:
    """
    Some furniture, and on whose behalf it is changed.

    :ivar who: As whose its changes are written down.
    """

    rows: Rows
    who: str = MANAGER

    def write_down(self, done: Deed) -> None:
        """Write down what was done."""
        self.rows.write_down(self.who, done)

    def virtualize(self) -> None:
        """Look again whether what waits is for virtual builders."""
        for build in self.rows.builds.values():
            if build.state is BuildState.NEEDS_BUILD and not build.canary:
                build.virtualized = self.rows.needs_virtual(build)


def refuse_known(field: str, key: str, known: Mapping[str, object]) -> None:
    """
    Make sure that a name is new.

    :raises ConflictError: If it is not.
    """
    if key in known:
        raise ConflictError(field, f"{key} is already there", "choose another one")
