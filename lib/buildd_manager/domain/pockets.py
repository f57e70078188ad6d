"""The parts of a series that packages are published in."""

from enum import Enum


class Pocket(Enum):
    """A pocket; the value is the word that the database knows."""

    RELEASE = "release"
    SECURITY = "security"
    UPDATES = "updates"
    PROPOSED = "proposed"
    BACKPORTS = "backports"

    @property
    def suffix(self) -> str:
        """What is added to the name of the series to name the suite."""
        return "" if self is Pocket.RELEASE else f"-{self.value}"


#: What has been let through, in the order in which it is added to a release.
_LET_THROUGH = (Pocket.RELEASE, Pocket.SECURITY, Pocket.UPDATES)


def expansion(pocket: Pocket) -> tuple[Pocket, ...]:
    """Name the pockets that a build for one may use packages of, in order."""
    if pocket not in _LET_THROUGH:
        return (*_LET_THROUGH, pocket)
    return _LET_THROUGH[: _LET_THROUGH.index(pocket) + 1]


def chroot_order(pocket: Pocket) -> tuple[Pocket, ...]:
    """Name the pockets whose chroot serves a build for one, nearest first."""
    return expansion(pocket)[::-1]
