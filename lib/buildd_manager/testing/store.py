"""A database in memory, which keeps the same promises as PostgreSQL."""

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import (
    LeaseLostError,
    NotFoundError,
    OvertakenError,
)
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import LIVE, Assignment, AttemptState, Job
from buildd_manager.domain.results import Result
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import IBuildStore, IFileIndex, IUploadStore, Store
from buildd_manager.testing.catalogue import MemoryCatalogue
from buildd_manager.testing.rows import (
    AttemptRow,
    BuilderRow,
    BuildRow,
    Rows,
    promised,
)


_UNDER_WAY = frozenset({BuildState.BUILDING, BuildState.GATHERING})


def memory_store(clock: IReactorTime) -> Store:
    """Make an empty store, whose times are those of ``clock``."""
    rows = Rows(clock)
    return Store(
        builds=MemoryBuildStore(rows),
        uploads=MemoryUploadStore(rows),
        catalogue=MemoryCatalogue(rows),
        files=MemoryFileIndex(rows),
    )


@implementer(IBuildStore)
@frozen
class MemoryBuildStore:
    """Who does what, in memory."""

    rows: Rows

    @promised
    def register(self, manager: str, name: str, version: str) -> None:
        self.rows.managers[manager] = f"{name} {version}"
        self._release(manager)

    @promised
    def lease(self, manager: str, seconds: float) -> Mapping[int, int]:
        now = self.rows.clock.seconds()
        for row in self.rows.builders.values():
            if row.owner != manager or row.until <= now:
                if row.owner is not None and row.until > now:
                    continue
                row.owner, row.epoch = manager, row.epoch + 1
            row.until = now + seconds
        return {
            number: row.epoch
            for number, row in self.rows.builders.items()
            if row.owner == manager
        }

    @promised
    def release(self, manager: str) -> None:
        self._release(manager)

    def _release(self, manager: str) -> None:
        for row in self.rows.builders.values():
            if row.owner == manager:
                row.owner = None

    @promised
    def look(self, builder: int) -> tuple[Builder, Assignment | None]:
        if (row := self.rows.builders.get(builder)) is None:
            raise NotFoundError("builder", f"there is no builder {builder}", "add it")
        live = self.rows.live_attempt(builder)
        return row.value, None if live is None else _assignment(self.rows, live)

    @promised
    def claim(self, lease: Lease, nonce: str) -> Assignment | None:
        row = self._fence(lease)
        free = row.value.ok and self.rows.live_attempt(lease.builder) is None
        if row.value.clean is not CleanState.CLEAN or not free:
            raise OvertakenError(f"builder {lease.builder} is not clean and free")
        if (build := self._best_for(row.value)) is None or build.queue is None:
            return None
        number = sum(a.build is build for a in self.rows.attempts.values()) + 1
        attempt = AttemptRow(
            id=next(self.rows.numbers),
            number=number,
            build=build,
            builder=lease.builder,
            manager=lease.owner,
            epoch=lease.epoch,
            cookie=Cookie(build.id, build.queue, nonce),
            claimed=self.rows.now(),
        )
        self.rows.attempts[attempt.id] = attempt
        build.state, build.builder = BuildState.BUILDING, lease.builder
        row.value = evolve(row.value, clean=CleanState.DIRTY)
        return _assignment(self.rows, attempt)

    @promised
    def started(self, lease: Lease, attempt: int) -> None:
        row = self._change(lease, attempt, {AttemptState.CLAIMED}, AttemptState.RUNNING)
        row.started = row.build.started = self.rows.now()

    @promised
    def gathering(self, lease: Lease, attempt: int) -> None:
        states = {AttemptState.RUNNING, AttemptState.GATHERING}
        row = self._change(lease, attempt, states, AttemptState.GATHERING)
        row.build.state = BuildState.GATHERING

    @promised
    def abandon(self, lease: Lease, attempt: int, reason: str) -> None:
        row = self._change(lease, attempt, LIVE, AttemptState.ABANDONED)
        row.ended, row.outcome = self.rows.now(), reason
        build = row.build
        build.state, build.builder = BuildState.NEEDS_BUILD, None
        build.started = build.tail = None

    @promised
    def record(self, lease: Lease, attempt: int, result: Result) -> None:
        states = {AttemptState.RUNNING, AttemptState.GATHERING}
        row = self._change(lease, attempt, states, AttemptState.RECORDED)
        row.ended, row.outcome = self.rows.now(), result.verdict.value
        row.upload = result.state is BuildState.UPLOADING
        build = row.build
        build.state, build.finished = result.state, self.rows.now()
        build.queue = build.tail = None
        build.dependencies = result.dependencies
        build.log, build.files = result.log, result.files

    @promised
    def set_clean(self, lease: Lease, clean: CleanState) -> None:
        row = self._fence(lease)
        if self.rows.live_attempt(lease.builder) is not None:
            raise OvertakenError(f"builder {lease.builder} has a live attempt")
        row.value = evolve(row.value, clean=clean)

    @promised
    def fail_builder(self, lease: Lease, notes: str) -> None:
        row = self._fence(lease)
        row.value = evolve(row.value, ok=False, fail_notes=notes)

    @promised
    def keep_version(self, lease: Lease, version: str) -> None:
        row = self._fence(lease)
        row.value = evolve(row.value, version=version)

    @promised
    def keep_tails(self, tails: Mapping[int, str]) -> None:
        for attempt, tail in tails.items():
            row = self.rows.attempts.get(attempt)
            if row is not None and row.state in LIVE:
                row.build.tail = tail

    def _fence(self, lease: Lease) -> BuilderRow:
        row = self.rows.builders.get(lease.builder)
        if row is None or (row.owner, row.epoch) != (lease.owner, lease.epoch):
            raise LeaseLostError(f"builder {lease.builder} is not ours")
        return row

    def _change(
        self,
        lease: Lease,
        attempt: int,
        states: set[AttemptState] | frozenset[AttemptState],
        new: AttemptState,
    ) -> AttemptRow:
        builder = self._fence(lease)
        row = self.rows.attempts.get(attempt)
        if row is None or row.builder != lease.builder or row.state not in states:
            raise OvertakenError(f"attempt {attempt} is not {new.value} by now")
        if row.build.state not in _UNDER_WAY:
            raise OvertakenError(f"build {row.build.id} is not under way")
        row.state = new
        builder.value = evolve(builder.value, clean=CleanState.DIRTY)
        return row

    def _best_for(self, builder: Builder) -> BuildRow | None:
        suitable = [
            build
            for build in self.rows.builds.values()
            if build.state is BuildState.NEEDS_BUILD
            and build.queue is not None
            and build.architecture in builder.architectures
            and _chroot(self.rows, build) is not None
        ]
        return min(
            suitable, key=lambda b: (-b.submission.score, b.queue or 0), default=None
        )


def _chroot(rows: Rows, build: BuildRow) -> StoredFile | None:
    return rows.series[build.submission.series].chroots.get(build.architecture)


def _assignment(rows: Rows, attempt: AttemptRow) -> Assignment:
    build, submission = attempt.build, attempt.build.submission
    chroot = _chroot(rows, build)
    if chroot is None:
        raise OvertakenError(f"the chroot of build {build.id} is gone")
    series = rows.series[submission.series].new
    job = Job(
        source=submission.source.name,
        version=submission.source.version,
        distribution=series.distribution,
        series=series.name,
        suite=series.name,
        component=series.component,
        architecture=build.architecture,
        arch_indep=build.arch_indep,
        archive_lines=series.archive_lines,
        chroot=chroot,
        files=submission.files,
    )
    return Assignment(
        attempt=attempt.id, cookie=attempt.cookie, state=attempt.state, job=job
    )


@implementer(IUploadStore)
@frozen
class MemoryUploadStore:
    """What has yet to be uploaded, in memory."""

    rows: Rows

    @promised
    def pending_uploads(self, manager: str) -> Sequence[PendingUpload]:
        return [
            PendingUpload(row.id, row.build.id)
            for row in self.rows.attempts.values()
            if row.upload and row.manager == manager
        ]

    @promised
    def uploaded(self, attempt: int, report: UploadReport) -> None:
        row = self.rows.attempts.get(attempt)
        if row is None or not row.upload:
            raise OvertakenError(f"attempt {attempt} has nothing to upload")
        row.upload = False
        ended = BuildState.FULLY_BUILT if report.ok else BuildState.FAILED_TO_UPLOAD
        row.build.state, row.build.upload_output = ended, report.output


@implementer(IFileIndex)
@frozen
class MemoryFileIndex:
    """Names of files, in memory."""

    rows: Rows

    @promised
    def add_file(
        self, name: str, mimetype: str, size: int, sha1: str, sha256: str
    ) -> StoredFile:
        file = StoredFile(
            alias=next(self.rows.numbers),
            name=name,
            mimetype=mimetype,
            size=size,
            sha1=sha1,
            sha256=sha256,
        )
        self.rows.files[file.alias] = file
        return file

    @promised
    def find_file(self, alias: int) -> StoredFile:
        if (file := self.rows.files.get(alias)) is None:
            raise NotFoundError("file", f"there is no file {alias}", "look at the list")
        return file
