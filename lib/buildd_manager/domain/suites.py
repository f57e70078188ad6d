"""When something may be built for a pocket of a series."""

from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus


_BEFORE_RELEASE = frozenset({Pocket.RELEASE, Pocket.PROPOSED, Pocket.BACKPORTS})


def may_build_in(status: SeriesStatus, pocket: Pocket, purpose: Purpose) -> bool:
    """Tell whether an archive takes new packages for a pocket of a series."""
    if purpose is not Purpose.PRIMARY or status is SeriesStatus.FROZEN:
        return True
    if status.is_released:
        return pocket is not Pocket.RELEASE
    return pocket in _BEFORE_RELEASE


def may_dispatch(status: SeriesStatus, pocket: Pocket, purpose: Purpose) -> bool:
    """
    Tell whether what waits for a pocket of a series may be given to a builder.

    What is embargoed is not: a farm shows what it builds.
    """
    return pocket is not Pocket.SECURITY and may_build_in(status, pocket, purpose)
