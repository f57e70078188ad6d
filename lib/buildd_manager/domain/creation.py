"""Which builds a source wants, and whether it may have them where it wants them."""

from collections.abc import Iterable

from attrs import frozen

from buildd_manager.domain.architectures import is_of
from buildd_manager.domain.archives import Archive
from buildd_manager.domain.catalogue import ArchDetail, SeriesDetail
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.estimates import duration
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.sources import Source
from buildd_manager.domain.suites import is_embargoed, is_over, may_build_in


#: In the list of what a source is built for: what is the same for all.
ALL = "all"


@frozen(kw_only=True)
class Place:
    """
    Where a source is to be published.

    :raises InvalidError: If nothing can be built there.
    """

    archive: Archive
    series: SeriesDetail
    pocket: Pocket
    component: str

    def __attrs_post_init__(self) -> None:
        """Check that it takes something new, which then is built, too."""
        archive, series = self.archive, self.series
        if archive.distribution != series.distribution:
            raise InvalidError(
                "archive",
                f"{archive.name} is {archive.distribution}'s,"
                f" {series.name} is {series.distribution}'s",
                "choose an archive and a series of the same distribution",
            )
        if self.component not in series.components:
            mend = f"use {' or '.join(series.components)}"
            raise InvalidError(
                "component", f"{series.name} has no {self.component}", mend
            )
        if is_over(series.status, build_obsolete=archive.build_obsolete):
            fault = f"{series.name} is obsolete, and {archive.name} builds for none"
            mend = "choose one that is not, or let the archive build for it"
            raise InvalidError("series", fault, mend)
        if is_embargoed(self.pocket, build_security=archive.build_security):
            fault = f"{archive.name} builds nothing for {self.pocket.value} here"
            raise InvalidError("pocket", fault, f"{_others(self)}, or let it do so")
        if not may_build_in(series.status, self.pocket, archive.purpose):
            raise InvalidError(
                "pocket",
                f"nothing is built for {self.pocket.value} in {archive.name} while"
                f" {series.name} is {series.status.value}",
                _others(self),
            )


def _others(place: Place) -> str:
    status, archive = place.series.status, place.archive
    open_ = [
        one.value
        for one in Pocket
        if may_build_in(status, one, archive.purpose)
        and not is_embargoed(one, build_security=archive.build_security)
    ]
    return f"use {' or '.join(open_)}"


def builds_for(source: Source, place: Place) -> tuple[NewBuild, ...]:
    """
    Tell which builds a source wants, in the order of the architectures.

    A chroot is not asked for: a build without one waits, and says so. What is the
    same for all architectures is built once: on the nominated one, if the source
    allows that and the series has it, else on the first one allowed.

    :raises InvalidError: If it suits no architecture.
    """
    usable = [one for one in place.series.architectures if _is_usable(one, place)]
    indep = _indep(source, place, usable) if ALL in source.hints else None
    wanted = [one for one in usable if one is indep or _means(source.hints, one)]
    if not wanted:
        raise _nowhere("Architecture", source.hints, place)
    estimate = duration(None, sum(file.size for file in source.files))
    return tuple(
        NewBuild(
            architecture=one.architecture,
            arch_indep=one is indep,
            virtualized=_needs_virtual(one, place),
            estimate=estimate,
        )
        for one in wanted
    )


def _is_usable(arch: ArchDetail, place: Place) -> bool:
    return arch.enabled and (
        arch.supports_virtualized or not _needs_virtual(arch, place)
    )


def _needs_virtual(arch: ArchDetail, place: Place) -> bool:
    return place.archive.needs_virtual(
        supports_nonvirtualized=arch.supports_nonvirtualized
    )


def _means(words: Iterable[str], arch: ArchDetail) -> bool:
    return any(is_of(arch.architecture, word) for word in words)


def _indep(source: Source, place: Place, usable: list[ArchDetail]) -> ArchDetail | None:
    """Choose where that is built which is the same for all architectures."""
    allowed = usable
    if source.indep_hints:
        allowed = [one for one in usable if _means(source.indep_hints, one)]
        if not allowed:
            raise _nowhere("Build-Indep-Architecture", source.indep_hints, place)
    nominated = place.series.nominated_architecture
    named = (one for one in allowed if one.architecture == nominated)
    return next(named, next(iter(allowed), None))


def _nowhere(field: str, hints: tuple[str, ...], place: Place) -> InvalidError:
    """Tell why a source can be built nowhere."""
    series, words = place.series, " ".join(hints)[:200]
    fitting = [
        one for one in series.architectures if ALL in hints or _means(hints, one)
    ]
    names = ", ".join(one.architecture for one in fitting)
    if any(one.enabled for one in fitting):
        fault = f"{place.archive.name} is for virtual builders, {names} for others"
        return InvalidError("archive", fault, "choose another archive")
    if fitting:
        fault = f"{words} means {names}, for which {series.name} is not built now"
        return InvalidError(field, fault, "enable it, or wait until somebody has")
    there = ", ".join(one.architecture for one in series.architectures) or "none"
    mend = f"add an architecture to the series, or choose another; it has {there}"
    return InvalidError(field, f"{words} suits none of {series.name}", mend)
