"""Builds, as people ask for them and see them, in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen
from zope.interface import implementer

from buildd_manager.domain.audit import (
    MANAGER,
    cancelled,
    given_up,
    rescored,
    retried,
    submitted,
    told_of_packages,
)
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.queue import (
    BuildDetail,
    BuildFilter,
    BuildSummary,
    DepWait,
    Submission,
)
from buildd_manager.domain.retrying import (
    Situation,
    check_cancel,
    check_rescore,
    check_retry,
    check_supersede,
)
from buildd_manager.domain.scores import score as score_of
from buildd_manager.domain.versions import check_version, newer
from buildd_manager.ports import IQueue
from buildd_manager.testing.dep_waits import published, waits
from buildd_manager.testing.outlook import outlook
from buildd_manager.testing.rows import BuildRow, Rows, SourceRow, place_of, promised
from buildd_manager.testing.submitting import (
    add_build,
    last_duration,
    place,
    source_row,
)
from buildd_manager.testing.summaries import detail, find, subject, summary


@implementer(IQueue)
@frozen
class MemoryQueue:
    """Builds, in memory."""

    rows: Rows
    who: str = MANAGER

    def on_behalf_of(self, who: str) -> IQueue:
        return MemoryQueue(self.rows, who)

    @promised
    def submit(self, submission: Submission) -> Sequence[BuildSummary]:
        rows, version = self.rows, submission.source.version
        check_version(version, "version")
        find("archive", submission.archive, rows.archives)
        series = find("series", submission.series, rows.series)
        for wanted in submission.builds:
            find("arch", wanted.architecture, series.architectures)
        source = source_row(rows, submission)
        older = [
            other
            for other in rows.sources.values()
            if other.published and place(other) == place(source)
            if newer(version, other.source.version)
        ]
        self._supersede(older)
        rows.sources[source.id] = source
        added = [add_build(rows, source, submission, one) for one in submission.builds]
        numbers = [build.id for build in added]
        versions = [other.source.version for other in older]
        rows.write_down(self.who, submitted(submission, numbers, versions))
        return [summary(rows, build) for build in added]

    @promised
    def builds(
        self, wanted: BuildFilter, before: int | None, limit: int
    ) -> Sequence[BuildSummary]:
        found = [
            summary(self.rows, build)
            for build in reversed(self.rows.builds.values())
            if before is None or build.id < before
            if not build.canary and self._suits(build, wanted)
        ]
        return found[:limit]

    @promised
    def find_build(self, build: int) -> BuildDetail:
        return detail(self.rows, find("build", build, self.rows.builds))

    @promised
    def retry(self, build: int, *, dry_run: bool = False) -> BuildSummary:
        row = find("build", build, self.rows.builds)
        check_retry(self._situation(row))
        if not dry_run:
            self._retry(row)
        return summary(self.rows, row)

    @promised
    def cancel(self, build: int) -> BuildSummary:
        row = find("build", build, self.rows.builds)
        situation = self._situation(row)
        row.state = check_cancel(situation)
        self.rows.write_down(self.who, cancelled(situation, row.state))
        if row.state is BuildState.CANCELLED:
            self._dequeue(row)
        return summary(self.rows, row)

    @promised
    def rescore(self, build: int, score: int | None) -> BuildSummary:
        row = find("build", build, self.rows.builds)
        check_rescore(self._situation(row))
        before, was_manual = row.score, row.manual_score
        row.manual_score = score is not None
        computed = score_of(subject(self.rows, row.source)).total
        row.score = computed if score is None else score
        scores, manual = (before, row.score), (was_manual, row.manual_score)
        self.rows.write_down(self.who, rescored(build, scores, manual))
        return summary(self.rows, row)

    @promised
    def supersede(self, build: int) -> None:
        row = find("build", build, self.rows.builds)
        check_supersede(self._situation(row))
        self._supersede([row.source], row)

    @promised
    def outlook(self) -> Outlook:
        return outlook(self.rows)

    @promised
    def publish(self, packages: Sequence[NewBinary]) -> int:
        for one in packages:
            find("archive", one.archive, self.rows.archives)
            find("series", one.series, self.rows.series)
        news = Counter(one.archive for one in packages if self._publish(one))
        for archive, count in sorted(news.items()):
            self.rows.write_down(self.who, told_of_packages(archive, count))
        return news.total()

    @promised
    def dep_waits(self) -> Sequence[DepWait]:
        return list(waits(self.rows))

    @promised
    def published(self, wait: DepWait, names: Sequence[str]) -> Mapping[str, set[str]]:
        return published(self.rows, wait, frozenset(names))

    @promised
    def still_waits(self, build: int, dependencies: str) -> None:
        row = find("build", build, self.rows.builds)
        if row.state is BuildState.MANUAL_DEP_WAIT:
            row.dependencies = dependencies

    def _publish(self, binary: NewBinary) -> bool:
        """Add a package, or move it to another component; tell if it is news."""
        known, key = self.rows.binaries, place_of(binary)
        if known.get(key, binary) != binary:
            del known[key]
        return self.rows.publish(binary)

    def _retry(self, row: BuildRow) -> None:
        source = row.source
        situation, score = self._situation(row), row.score
        source.published = True
        row.virtualized = self.rows.needs_virtual(row)
        if not row.manual_score:
            row.score = score_of(subject(self.rows, source)).total
        row.estimate = (
            last_duration(self.rows, source, row.architecture) or row.estimate
        )
        row.state, row.queue = BuildState.NEEDS_BUILD, next(self.rows.numbers)
        row.failures, row.builder = 0, None
        row.started = row.finished = row.cause = row.dependencies = row.tail = None
        self.rows.write_down(self.who, retried(situation, (score, row.score)))

    def _supersede(
        self, sources: Iterable[SourceRow], named: BuildRow | None = None
    ) -> None:
        numbers = {source.id for source in sources}
        for number in numbers:
            self.rows.sources[number].published = False
        for build in self.rows.builds.values():
            if build.canary or build.source.id not in numbers:
                continue
            if build is named or not build.state.is_final:
                self.rows.write_down(self.who, given_up(build.id))
            if build.state is BuildState.NEEDS_BUILD:
                build.state = BuildState.SUPERSEDED
                self._dequeue(build)

    def _dequeue(self, build: BuildRow) -> None:
        build.queue, build.finished = None, self.rows.now()

    def _situation(self, build: BuildRow) -> Situation:
        source = build.source
        return Situation(
            build=build.id,
            state=build.state,
            series_status=self.rows.series[source.series].new.status,
            pocket=source.pocket,
            purpose=self.rows.archives[source.archive].purpose,
            published=source.published,
            canary=build.canary,
        )

    def _suits(self, build: BuildRow, wanted: BuildFilter) -> bool:
        attempts = self.rows.attempts_of(build)
        last = self.rows.builders[attempts[-1].builder].value.name if attempts else None
        source = build.source
        pairs = (
            (wanted.source, source.source.name),
            (wanted.archive, source.archive),
            (wanted.series, source.series),
            (wanted.architecture, build.architecture),
            (wanted.builder, last),
        )
        return (
            (not wanted.ids or build.id in wanted.ids)
            and (not wanted.states or build.state in wanted.states)
            and (not wanted.causes or build.cause in wanted.causes)
            and all(asked in {None, said} for asked, said in pairs)
        )
