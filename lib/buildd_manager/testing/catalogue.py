"""The farm's furniture, in memory."""

from collections.abc import Mapping, Sequence

from attrs import asdict, evolve, frozen
from zope.interface import implementer

from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.builders import Builder, CleanState, ResetProtocol
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import (
    ArchChange,
    ArchDetail,
    BuilderChange,
    NewBuilder,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.changes import (
    changed_architecture,
    changed_archive,
    changed_builder,
    changed_series,
)
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildSummary
from buildd_manager.ports import ICatalogue
from buildd_manager.testing.rows import BuilderRow, Rows, SeriesRow, promised
from buildd_manager.testing.summaries import find, summary


@implementer(ICatalogue)
@frozen
class MemoryCatalogue:
    """What people put into a farm, in memory."""

    rows: Rows

    @promised
    def add_archive(self, archive: NewArchive) -> Archive:
        _refuse_known("archive", archive.name, self.rows.archives)
        if archive.purpose is Purpose.PRIMARY and self._primary(archive.distribution):
            fault = f"{archive.distribution} has a primary archive already"
            raise ConflictError("purpose", fault, "use that")
        self._check_dependencies(archive.dependencies)
        details = asdict(archive, recurse=False)
        return self._keep(Archive(id=next(self.rows.numbers), **details))

    @promised
    def change_archive(self, name: str, change: ArchiveChange) -> Archive:
        before = find("archive", name, self.rows.archives)
        after = changed_archive(before, change)
        self._check_dependencies(after.dependencies)
        self._keep(after)
        self._virtualize()
        return after

    @promised
    def archives(self) -> Sequence[Archive]:
        return [archive for _, archive in sorted(self.rows.archives.items())]

    @promised
    def find_archive(self, name: str) -> Archive:
        return find("archive", name, self.rows.archives)

    @promised
    def add_series(self, series: NewSeries) -> None:
        _refuse_known("series", series.name, self.rows.series)
        distribution = series.distribution
        if not self._primary(distribution):
            _refuse_known("distribution", distribution, self.rows.archives)
            new = NewArchive(
                name=distribution, purpose=Purpose.PRIMARY, distribution=distribution
            )
            details = asdict(new, recurse=False)
            self._keep(Archive(id=next(self.rows.numbers), **details))
        components = series.components or (series.component,)
        row = SeriesRow(evolve(series, components=components))
        self.rows.series[series.name] = row

    @promised
    def change_series(self, name: str, change: SeriesChange) -> None:
        row = find("series", name, self.rows.series)
        after = changed_series(_detail(row), change)
        row.new = evolve(
            row.new,
            status=after.status,
            nominated_architecture=after.nominated_architecture,
            strict_components=after.strict_components,
        )

    @promised
    def add_architecture(self, series: str, architecture: str) -> None:
        row = find("series", series, self.rows.series)
        _refuse_known("arch", architecture, row.architectures)
        row.architectures[architecture] = ArchDetail(
            architecture=architecture, chroots={}
        )

    @promised
    def change_architecture(
        self, series: str, architecture: str, change: ArchChange
    ) -> None:
        row = find("series", series, self.rows.series)
        before = find("arch", architecture, row.architectures)
        row.architectures[architecture] = changed_architecture(before, change)
        self._virtualize()

    @promised
    def set_chroot(
        self,
        series: str,
        architecture: str,
        chroot: StoredFile | None,
        pocket: Pocket = Pocket.RELEASE,
    ) -> None:
        row = find("series", series, self.rows.series)
        before = find("arch", architecture, row.architectures)
        if chroot is None and pocket not in before.chroots:
            fault = f"{series} {architecture} has none of its own for {pocket.value}"
            raise NotFoundError("chroot", fault, "name a pocket that has one")
        others = {key: one for key, one in before.chroots.items() if key is not pocket}
        chroots = others if chroot is None else {**others, pocket: chroot}
        row.architectures[architecture] = evolve(before, chroots=chroots)

    @promised
    def series(self) -> Sequence[SeriesDetail]:
        return [_detail(row) for _, row in sorted(self.rows.series.items())]

    @promised
    def find_series(self, name: str) -> SeriesDetail:
        return _detail(find("series", name, self.rows.series))

    @promised
    def add_builder(self, builder: NewBuilder) -> Builder:
        _refuse_known("builder", builder.name, self._builders())
        urls = {row.value.url: row for row in self.rows.builders.values()}
        _refuse_known("url", builder.url, urls)
        details = asdict(builder, recurse=False)
        details["architectures"] = tuple(sorted(set(builder.architectures)))
        value = Builder(id=next(self.rows.numbers), **details)
        row = BuilderRow(value=value, clean_changed=self.rows.now())
        self.rows.builders[value.id] = row
        return self.rows.as_of_now(row)

    @promised
    def change_builder(self, name: str, change: BuilderChange) -> Builder:
        row = find("builder", name, self._builders())
        before, row.value = row.value, changed_builder(row.value, change)
        if row.value.clean is not before.clean:
            row.clean_changed = self.rows.now()
        if change.ok is not None:
            row.trial = None
        return self.rows.as_of_now(row)

    @promised
    def set_clean(self, name: str) -> Builder:
        row = find("builder", name, self._builders())
        asked = row.value.virtualized and row.value.clean is CleanState.CLEANING
        if not asked or row.value.reset_protocol is not ResetProtocol.V2_0:
            fault = f"nobody has asked for a reset of {name}"
            raise ConflictError("builder", fault, "say so once, after that")
        self.rows.set_clean(row, CleanState.CLEAN)
        return self.rows.as_of_now(row)

    @promised
    def builders(self) -> Sequence[Builder]:
        known = sorted(self._builders().items())
        return [self.rows.as_of_now(row) for _, row in known]

    @promised
    def find_builder(self, name: str) -> tuple[Builder, BuildSummary | None]:
        row = find("builder", name, self._builders())
        live = self.rows.live_attempt(row.value.id)
        building = None if live is None else summary(self.rows, live.build)
        return self.rows.as_of_now(row), building

    def _builders(self) -> dict[str, BuilderRow]:
        return {row.value.name: row for row in self.rows.builders.values()}

    def _primary(self, distribution: str) -> bool:
        return any(
            one.purpose is Purpose.PRIMARY and one.distribution == distribution
            for one in self.rows.archives.values()
        )

    def _check_dependencies(self, dependencies: Sequence[Dependency]) -> None:
        for one in dependencies:
            find("depends-on", one.archive, self.rows.archives)

    def _keep(self, archive: Archive) -> Archive:
        self.rows.archives[archive.name] = archive
        return archive

    def _virtualize(self) -> None:
        """Look again whether what waits is for virtual builders."""
        for build in self.rows.builds.values():
            if build.state is BuildState.NEEDS_BUILD and not build.canary:
                build.virtualized = self.rows.needs_virtual(build)


def _refuse_known(field: str, key: str, known: Mapping[str, object]) -> None:
    """
    Make sure that a name is new.

    :raises ConflictError: If it is not.
    """
    if key in known:
        raise ConflictError(field, f"{key} is already there", "choose another one")


def _detail(row: SeriesRow) -> SeriesDetail:
    details = asdict(row.new, recurse=False)
    return SeriesDetail(architectures=tuple(row.architectures.values()), **details)
