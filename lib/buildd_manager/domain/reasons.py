"""Why a build is not given to a builder, by name."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """
    Why a build waits, or a builder is idle.

    The value is the word that programs know, and stays as it is; :attr:`words` are
    for people.
    """

    NOT_WAITING = "not-waiting"
    ARCHIVE_DISABLED = "archive-disabled"
    SOURCE_SUPERSEDED = "source-superseded"
    POCKET_CLOSED = "pocket-closed"
    EMBARGOED = "embargoed"
    SERIES_OBSOLETE = "series-obsolete"
    NO_CHROOT = "no-chroot"

    WRONG_ARCHITECTURE = "wrong-architecture"
    VIRTUALIZED_MISMATCH = "virtualized-mismatch"
    MISSING_RESOURCE = "missing-resource"
    RESTRICTED_RESOURCE = "restricted-resource"
    FAILED_HERE_BEFORE = "failed-here-before"

    BUILDER_NOT_OK = "builder-not-ok"
    BUILDER_MANUAL = "builder-manual"
    BUILDER_BUSY = "builder-busy"
    BUILDER_NOT_CLEAN = "builder-not-clean"
    BUILDER_ON_TRIAL = "builder-on-trial"

    NO_BUILDER_SUITS = "no-builder-suits"
    OUTRANKED = "outranked"
    NOTHING_WAITS = "nothing-waits"

    @property
    def words(self) -> str:
        """The reason in words for people."""
        return _WORDS[self]


_R = Reason

_WORDS: Mapping[Reason, str] = MappingProxyType(
    {
        _R.NOT_WAITING: "the build is not waiting",
        _R.ARCHIVE_DISABLED: "its archive is disabled",
        _R.SOURCE_SUPERSEDED: "its source is no longer published",
        _R.POCKET_CLOSED: "nothing may be built for its pocket now",
        _R.EMBARGOED: "its archive does not build for the security pocket here",
        _R.SERIES_OBSOLETE: "its series is obsolete, and its archive builds for none",
        _R.NO_CHROOT: "its architecture has no chroot",
        _R.WRONG_ARCHITECTURE: "the builder does not build for its architecture",
        _R.VIRTUALIZED_MISMATCH: "one is for virtual machines, the other is not",
        _R.MISSING_RESOURCE: "the builder lacks a resource that it asks for",
        _R.RESTRICTED_RESOURCE: "the builder is kept for builds that ask for more",
        _R.FAILED_HERE_BEFORE: "it failed here before, and may go elsewhere",
        _R.BUILDER_NOT_OK: "the builder is out of use",
        _R.BUILDER_MANUAL: "people give the builder its work",
        _R.BUILDER_BUSY: "the builder has a job",
        _R.BUILDER_NOT_CLEAN: "the builder is not clean yet",
        _R.BUILDER_ON_TRIAL: "the builder has yet to prove that it is well",
        _R.NO_BUILDER_SUITS: "there is no builder of its kind",
        _R.OUTRANKED: "a better build goes first",
        _R.NOTHING_WAITS: "no build waits",
    }
)
