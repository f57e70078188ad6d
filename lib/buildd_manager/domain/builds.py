"""A build, its states, and the one table by which they may change."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class BuildState(Enum):
    """
    What has become of a build.

    The value is the word that the database knows; :attr:`title` is the one that
    people read: 2005's where 2005 had one, today's otherwise.
    """

    NEEDS_BUILD = "needs_build"
    BUILDING = "building"
    GATHERING = "gathering"
    UPLOADING = "uploading"
    FULLY_BUILT = "fully_built"
    FAILED_TO_BUILD = "failed_to_build"
    MANUAL_DEP_WAIT = "manual_dep_wait"
    CHROOT_WAIT = "chroot_wait"
    FAILED_TO_UPLOAD = "failed_to_upload"
    SUPERSEDED = "superseded"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def title(self) -> str:
        """The state in words for people."""
        return _TITLES[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens unless somebody asks for it."""
        return self in _FINAL


_S = BuildState

_TITLES: Mapping[BuildState, str] = MappingProxyType(
    {
        _S.NEEDS_BUILD: "Needs building",
        _S.BUILDING: "Currently building",
        _S.GATHERING: "Gathering build output",
        _S.UPLOADING: "Uploading build",
        _S.FULLY_BUILT: "Fully built",
        _S.FAILED_TO_BUILD: "Failed to build",
        _S.MANUAL_DEP_WAIT: "Manual dependency wait",
        _S.CHROOT_WAIT: "Chroot wait",
        _S.FAILED_TO_UPLOAD: "Failed to upload",
        _S.SUPERSEDED: "Build for superseded Source",
        _S.CANCELLING: "Cancelling build",
        _S.CANCELLED: "Cancelled build",
    }
)

_EVERYTHING = frozenset(BuildState)
_AGAIN = frozenset({_S.NEEDS_BUILD})

#: Where a build may go from where it is; staying is always allowed.
NEXT: Mapping[BuildState, frozenset[BuildState]] = MappingProxyType(
    {
        _S.NEEDS_BUILD: _EVERYTHING,
        _S.BUILDING: _EVERYTHING,
        # Anything but cancelled: a worker that is asked again may say something else.
        _S.GATHERING: frozenset(
            {
                _S.NEEDS_BUILD,
                _S.UPLOADING,
                _S.FAILED_TO_BUILD,
                _S.MANUAL_DEP_WAIT,
                _S.CHROOT_WAIT,
                _S.SUPERSEDED,
            }
        ),
        _S.UPLOADING: frozenset({_S.FULLY_BUILT, _S.FAILED_TO_UPLOAD, _S.SUPERSEDED}),
        _S.FULLY_BUILT: frozenset(),
        _S.FAILED_TO_BUILD: _AGAIN,
        _S.MANUAL_DEP_WAIT: _AGAIN,
        _S.CHROOT_WAIT: _AGAIN,
        _S.FAILED_TO_UPLOAD: _AGAIN,
        _S.SUPERSEDED: _AGAIN,
        _S.CANCELLING: frozenset({_S.CANCELLED}),
        _S.CANCELLED: _AGAIN,
    }
)

_FINAL = frozenset(
    {
        _S.FULLY_BUILT,
        _S.FAILED_TO_BUILD,
        _S.MANUAL_DEP_WAIT,
        _S.CHROOT_WAIT,
        _S.FAILED_TO_UPLOAD,
        _S.SUPERSEDED,
        _S.CANCELLED,
    }
)


#: From here, and only from here, a build is attempted once more if people say so.
RETRYABLE = frozenset(state for state, after in NEXT.items() if after == _AGAIN)
