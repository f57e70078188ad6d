"""Series, their architectures and chroots, in memory."""

from collections.abc import Sequence

from attrs import asdict, evolve, frozen

from buildd_manager.domain.audit import Kind, added, deed, edited, rebased
from buildd_manager.domain.catalogue import (
    ArchChange,
    ArchDetail,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.changes import changed_architecture, changed_series
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.testing.archives import Archives
from buildd_manager.testing.furniture import refuse_known
from buildd_manager.testing.rows import SeriesRow, promised
from buildd_manager.testing.summaries import find


@frozen
class AllSeries(Archives):
    """Series, whose distributions have archives."""

    @promised
    def add_series(self, series: NewSeries) -> None:
        refuse_known("series", series.name, self.rows.series)
        self.add_primary(series.distribution)
        components = series.components or (series.component,)
        row = SeriesRow(evolve(series, components=components))
        self.rows.series[series.name] = row
        self.write_down(added(Kind.SERIES, series.name, series))

    @promised
    def change_series(self, name: str, change: SeriesChange) -> None:
        row = find("series", name, self.rows.series)
        before = _detail(row)
        after = changed_series(before, change)
        row.new = evolve(
            row.new,
            status=after.status,
            nominated_architecture=after.nominated_architecture,
            strict_components=after.strict_components,
        )
        self.write_down(edited(Kind.SERIES, name, before, after, SeriesChange))

    @promised
    def add_architecture(self, series: str, architecture: str) -> None:
        row = find("series", series, self.rows.series)
        refuse_known("arch", architecture, row.architectures)
        row.architectures[architecture] = ArchDetail(
            architecture=architecture, chroots={}
        )
        self.write_down(deed(Kind.SERIES, series, f"arch-add {architecture}"))

    @promised
    def change_architecture(
        self, series: str, architecture: str, change: ArchChange
    ) -> None:
        row = find("series", series, self.rows.series)
        before = find("arch", architecture, row.architectures)
        after = changed_architecture(before, change)
        row.architectures[architecture] = after
        self.virtualize()
        what = f"arch-edit {architecture}"
        done = edited(Kind.SERIES, series, before, after, ArchChange, what)
        self.write_down(done)

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
        old = before.chroots.get(pocket)
        self.write_down(rebased(series, architecture, pocket, old, chroot))

    @promised
    def series(self) -> Sequence[SeriesDetail]:
        return [_detail(row) for _, row in sorted(self.rows.series.items())]

    @promised
    def find_series(self, name: str) -> SeriesDetail:
        return _detail(find("series", name, self.rows.series))


def _detail(row: SeriesRow) -> SeriesDetail:
    details = asdict(row.new, recurse=False)
    return SeriesDetail(architectures=tuple(row.architectures.values()), **details)
