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


def is_embargoed(pocket: Pocket, *, build_security: bool) -> bool:
    """
    Tell whether what is for a pocket must not be seen on this farm.

    :param build_security: What its archive says of that.
    """
    return pocket is Pocket.SECURITY and not build_security


def is_over(status: SeriesStatus, *, build_obsolete: bool) -> bool:
    """
    Tell whether nothing at all is built for a series any more.

    :param build_obsolete: What its archive says of that.
    """
    return status is SeriesStatus.OBSOLETE and not build_obsolete
