"""What people put into the farm, and see of it, in memory."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from attrs import evolve, frozen
from zope.interface import implementer

from buildd_manager.domain.architectures import Wanted
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.catalogue import (
    ArchDetail,
    AttemptDetail,
    BuildDetail,
    BuildSummary,
    NewBuilder,
    NewSeries,
    SeriesDetail,
    Submission,
)
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import LIVE
from buildd_manager.ports import ICatalogue
from buildd_manager.testing.rows import (
    AttemptRow,
    BuilderRow,
    BuildRow,
    Rows,
    SeriesRow,
    promised,
)


K = TypeVar("K")
V = TypeVar("V")


@implementer(ICatalogue)
@frozen
class MemoryCatalogue:
    """What people add and see, in memory."""

    rows: Rows

    @promised
    def add_series(self, series: NewSeries) -> None:
        _refuse_known("series", series.name, self.rows.series)
        self.rows.series[series.name] = SeriesRow(series)

    @promised
    def add_architecture(self, series: str, architecture: str) -> None:
        row = _find("series", series, self.rows.series)
        _refuse_known("arch", architecture, row.chroots)
        row.chroots[architecture] = None

    @promised
    def set_chroot(self, series: str, architecture: str, chroot: StoredFile) -> None:
        row = _find("series", series, self.rows.series)
        _find("arch", architecture, row.chroots)
        row.chroots[architecture] = chroot

    @promised
    def series(self) -> Sequence[SeriesDetail]:
        return [_series(row) for _, row in sorted(self.rows.series.items())]

    @promised
    def find_series(self, name: str) -> SeriesDetail:
        return _series(_find("series", name, self.rows.series))

    @promised
    def add_builder(self, builder: NewBuilder) -> Builder:
        known = {row.value.name: row for row in self.rows.builders.values()}
        _refuse_known("builder", builder.name, known)
        urls = {row.value.url: row for row in self.rows.builders.values()}
        _refuse_known("url", builder.url, urls)
        value = Builder(
            id=next(self.rows.numbers),
            name=builder.name,
            url=builder.url,
            architectures=builder.architectures,
            virtualized=builder.virtualized,
            vm_host=builder.vm_host,
            manual=builder.manual,
        )
        self.rows.builders[value.id] = BuilderRow(value)
        return value

    @promised
    def builders(self) -> Sequence[Builder]:
        found = [row.value for row in self.rows.builders.values()]
        return sorted(found, key=lambda builder: builder.name)

    @promised
    def find_builder(self, name: str) -> tuple[Builder, BuildSummary | None]:
        known = {row.value.name: row.value for row in self.rows.builders.values()}
        builder = _find("builder", name, known)
        live = self.rows.live_attempt(builder.id)
        return builder, None if live is None else self._summary(live.build)

    @promised
    def submit(self, submission: Submission) -> Sequence[BuildSummary]:
        row = _find("series", submission.series, self.rows.series)
        for wanted in submission.wanted:
            _find("arch", wanted.architecture, row.chroots)
        return [
            self._summary(self._add_build(submission, wanted))
            for wanted in submission.wanted
        ]

    @promised
    def builds(self, before: int | None, limit: int) -> Sequence[BuildSummary]:
        found = [
            self._summary(build)
            for number, build in self.rows.builds.items()
            if before is None or number < before
        ]
        return sorted(found, key=lambda build: -build.id)[:limit]

    @promised
    def find_build(self, build: int) -> BuildDetail:
        row = _find("build", build, self.rows.builds)
        attempts = [a for a in self.rows.attempts.values() if a.build is row]
        return BuildDetail(
            summary=self._summary(row),
            dependencies=row.dependencies,
            log_tail=row.tail,
            log=row.log,
            files=row.files,
            attempts=tuple(self._attempt(attempt) for attempt in attempts),
            upload_output=row.upload_output,
        )

    def _add_build(self, submission: Submission, wanted: Wanted) -> BuildRow:
        row = BuildRow(
            id=next(self.rows.numbers),
            submission=submission,
            architecture=wanted.architecture,
            arch_indep=wanted.arch_indep,
            created=self.rows.now(),
            queue=next(self.rows.numbers),
        )
        self.rows.builds[row.id] = row
        return row

    def _summary(self, row: BuildRow) -> BuildSummary:
        on = None if row.builder is None else self.rows.builders[row.builder]
        return BuildSummary(
            id=row.id,
            source=row.submission.source.name,
            version=row.submission.source.version,
            series=row.submission.series,
            architecture=row.architecture,
            state=row.state,
            score=row.submission.score,
            builder=None if on is None else on.value.name,
            created=row.created,
            finished=row.finished,
        )

    def _attempt(self, row: AttemptRow) -> AttemptDetail:
        detail = AttemptDetail(
            id=row.id,
            number=row.number,
            builder=self.rows.builders[row.builder].value.name,
            cookie=str(row.cookie),
            state=row.state,
            claimed=row.claimed,
            started=row.started,
            ended=row.ended,
            outcome=row.outcome,
        )
        return detail if row.state not in LIVE else evolve(detail, outcome=None)


def _series(row: SeriesRow) -> SeriesDetail:
    return SeriesDetail(
        name=row.new.name,
        distribution=row.new.distribution,
        component=row.new.component,
        archive_lines=row.new.archive_lines,
        architectures=tuple(
            ArchDetail(architecture=architecture, chroot=chroot)
            for architecture, chroot in row.chroots.items()
        ),
    )


def _find(field: str, key: K, known: Mapping[K, V]) -> V:
    if key not in known:
        raise NotFoundError(field, f"there is no {key}", "add it, or list what is")
    return known[key]


def _refuse_known(field: str, key: K, known: Mapping[K, V]) -> None:
    if key in known:
        raise ConflictError(field, f"{key} is already there", "choose another one")
