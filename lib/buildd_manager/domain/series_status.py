"""How far a series has come."""

from enum import Enum


class SeriesStatus(Enum):
    """How far a series has come; the value is the word that the database knows."""

    EXPERIMENTAL = "experimental"
    DEVELOPMENT = "development"
    FROZEN = "frozen"
    CURRENT = "current"
    SUPPORTED = "supported"
    OBSOLETE = "obsolete"
    FUTURE = "future"

    @property
    def is_released(self) -> bool:
        """Whether people have it, so that it changes by its other pockets only."""
        return self in _RELEASED


_RELEASED = frozenset(
    {SeriesStatus.CURRENT, SeriesStatus.SUPPORTED, SeriesStatus.OBSOLETE}
)
