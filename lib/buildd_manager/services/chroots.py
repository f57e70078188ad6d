"""Know which architectures have a chroot, and tell of those that have none."""

from collections.abc import Iterator, Mapping, Sequence

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.catalogue import ArchDetail, SeriesDetail
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.ports import ICatalogue
from buildd_manager.services.rounds import Rounds


class Chroots(Service):
    """
    Surveys the architectures of all series, again and again.

    Nothing is built for one without a chroot: the queue sees to that. This is for
    those who wonder why, and each is told of once, until it has one and loses it.
    """

    _log = Logger()

    def __init__(
        self, catalogue: ICatalogue, clock: IReactorTime, interval: float
    ) -> None:
        self._catalogue = catalogue
        self._told: set[tuple[str, Pocket]] = set()
        self._rounds = Rounds(self._round, self._survive, clock, interval)

    def startService(self) -> None:
        """Survey every interval."""
        super().startService()
        self._rounds.start()

    def stopService(self) -> Deferred[None]:
        """Survey no more; fires once the survey in hand has ended."""
        super().stopService()
        return self._rounds.stop()

    def survey(
        self, pocket: Pocket = Pocket.RELEASE
    ) -> Deferred[Mapping[str, ArchDetail]]:
        """
        Look for the chroots of one pocket.

        :returns: The architectures that have one, as ``distribution/series/arch``;
            without those that people do not want built for.
        """
        return self._catalogue.series().addCallback(self._sort, pocket)

    def _sort(
        self, series: Sequence[SeriesDetail], pocket: Pocket
    ) -> Mapping[str, ArchDetail]:
        with_chroot: dict[str, ArchDetail] = {}
        without: set[tuple[str, Pocket]] = set()
        for one, arch in _wanted(series):
            key = f"{one.distribution}/{one.name}/{arch.architecture}"
            if arch.chroot(pocket) is not None:
                with_chroot[key] = arch
                continue
            without.add((key, pocket))
            if (key, pocket) not in self._told:
                self._tell(f"{one.name} for {arch.architecture}", pocket)
        self._told = without | {told for told in self._told if told[1] is not pocket}
        return with_chroot

    def _tell(self, title: str, pocket: Pocket) -> None:
        self._log.warn(
            "Disabling: No CHROOT found for {title} pocket '{pocket}'",
            title=title,
            pocket=pocket.value.capitalize(),
        )

    def _round(self) -> Deferred[None]:
        return self.survey().addCallback(lambda _: None)

    def _survive(self, failure: Failure) -> None:
        self._log.warn("no chroots looked for: {why}", why=failure.getErrorMessage())


def _wanted(
    series: Sequence[SeriesDetail],
) -> Iterator[tuple[SeriesDetail, ArchDetail]]:
    """Give the architectures for which people want builds, in order."""
    for one in series:
        if one.status is not SeriesStatus.OBSOLETE:
            for arch in one.architectures:
                if arch.enabled:
                    yield one, arch
