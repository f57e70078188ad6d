"""The tables of the database, in memory."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from itertools import count
from typing import ParamSpec, TypeVar

from attrs import define, evolve, field
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime

from buildd_manager.domain.archives import Archive
from buildd_manager.domain.audit import Deed, Entry
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import ArchDetail, NewSeries
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import LIVE, AttemptState
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.results import Result
from buildd_manager.domain.scores import Urgency
from buildd_manager.domain.sources import Source
from buildd_manager.domain.uploads import UploadReport


P = ParamSpec("P")
T = TypeVar("T")


def promised(work: Callable[P, T]) -> Callable[P, Deferred[T]]:
    """Have ``work`` answer, or fail, through a Deferred, as a database would."""

    @wraps(work)
    def promise(*args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        return maybeDeferred(work, *args, **kwargs)

    return promise


@define
class SeriesRow:
    """A series, and its architectures in the order in which they were added."""

    new: NewSeries
    architectures: dict[str, ArchDetail] = field(factory=dict)


@define(kw_only=True)
class BuilderRow:
    """
    A builder, and who has it.

    :ivar value: All but what depends on the time: ``restless`` and ``trial_due``.
    :ivar clean_changed: Since when it is as ``value.clean`` says.
    :ivar trial: When it is to be tried again, if we have taken it out of use.
    """

    value: Builder
    clean_changed: datetime
    trial: datetime | None = None
    owner: str | None = None
    epoch: int = 0
    until: float = 0.0


@define(kw_only=True)
class SourceRow:
    """A source; ``published`` tells whether it is still wanted."""

    id: int
    source: Source
    archive: str
    series: str
    pocket: Pocket
    component: str
    section: str
    urgency: Urgency
    files: tuple[StoredFile, ...]
    created: datetime
    published: bool = True


@define(kw_only=True)
class BuildRow:
    """
    A build.

    :ivar queue: Its entry in the queue while it waits or runs.
    :ivar builder: Where it is, or was, built; ``None`` while it waits.
    :ivar failures: Counted failures since it was queued.
    """

    id: int
    source: SourceRow
    architecture: str
    created: datetime
    queue: int | None
    arch_indep: bool = False
    virtualized: bool = False
    resources: tuple[str, ...] = ()
    score: int = 0
    manual_score: bool = False
    estimate: float = 300.0
    canary: bool = False
    state: BuildState = BuildState.NEEDS_BUILD
    builder: int | None = None
    failures: int = 0
    cause: Cause | None = None
    dependencies: str | None = None
    first_dispatched: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    tail: str | None = None


@define(kw_only=True)
class AttemptRow:
    """
    An attempt.

    :ivar number: Which attempt at the build it is, from 1 on, ever.
    :ivar queue: The entry of the build in the queue, then.
    :ivar chroot: In which it is built, whatever becomes of that later.
    :ivar tail_changed: When the end of its log has changed.
    :ivar longest_silence: Seconds for which that had not, at most.
    :ivar blamed: Whether the build is better not given to its builder again.
    :ivar log: Of its result, or kept although it has none.
    :ivar landed: On which manager's disk its files wait to be uploaded, if they do.
    """

    id: int
    number: int
    build: BuildRow
    queue: int
    builder: int
    manager: str
    epoch: int
    cookie: Cookie
    chroot: StoredFile
    claimed: datetime
    state: AttemptState = AttemptState.CLAIMED
    started: datetime | None = None
    ended: datetime | None = None
    tail_changed: datetime | None = None
    longest_silence: float = 0.0
    stop_cause: Cause | None = None
    stopping: datetime | None = None
    outcome: str | None = None
    cause: Cause | None = None
    blamed: bool = False
    log: StoredFile | None = None
    result: Result | None = None
    landed: str | None = None
    upload: UploadReport | None = None


@define
class Rows:
    """
    All tables, and the database's clock and sequences.

    :ivar archives: By name, as are series; the rest is by number.
    """

    clock: IReactorTime
    managers: dict[str, str] = field(factory=dict)
    archives: dict[str, Archive] = field(factory=dict)
    series: dict[str, SeriesRow] = field(factory=dict)
    builders: dict[int, BuilderRow] = field(factory=dict)
    sources: dict[int, SourceRow] = field(factory=dict)
    builds: dict[int, BuildRow] = field(factory=dict)
    attempts: dict[int, AttemptRow] = field(factory=dict)
    files: dict[int, StoredFile] = field(factory=dict)
    binaries: dict[tuple[object, ...], NewBinary] = field(factory=dict)
    audit: list[Entry] = field(factory=list)
    numbers: Iterator[int] = field(factory=lambda: count(1))

    def now(self) -> datetime:
        """Read the database's clock."""
        return datetime.fromtimestamp(self.clock.seconds(), UTC)

    def write_down(self, who: str, *deeds: Deed) -> None:
        """Write down what was done."""
        for deed in deeds:
            number = len(self.audit) + 1
            self.audit.append(Entry(id=number, when=self.now(), who=who, deed=deed))

    def since(self, moment: datetime | None) -> float:
        """Tell how many seconds ago a moment was; 0 if it never was."""
        return 0.0 if moment is None else (self.now() - moment).total_seconds()

    def as_of_now(self, row: BuilderRow) -> Builder:
        """Give a builder with what depends on the time."""
        due = row.trial is not None and row.trial <= self.now() and not row.value.ok
        return evolve(row.value, restless=self.since(row.clean_changed), trial_due=due)

    def live_attempt(self, builder: int) -> AttemptRow | None:
        """Find what the builder has to do."""
        for row in self.attempts.values():
            if row.builder == builder and row.state in LIVE:
                return row
        return None

    def attempts_of(self, build: BuildRow) -> list[AttemptRow]:
        """List all attempts at a build, the first one first."""
        return [row for row in self.attempts.values() if row.build is build]

    def arch_of(self, build: BuildRow) -> ArchDetail:
        """Find what is known of a build's architecture of its series."""
        return self.series[build.source.series].architectures[build.architecture]

    def needs_virtual(self, build: BuildRow) -> bool:
        """Tell whether a build is for virtual builders, as things are now."""
        real = self.arch_of(build).supports_nonvirtualized
        archive = self.archives[build.source.archive]
        return archive.needs_virtual(supports_nonvirtualized=real)

    def set_clean(self, row: BuilderRow, clean: CleanState) -> None:
        """Say what is known of a machine's state, and since when."""
        if row.value.clean is not clean:
            row.value = evolve(row.value, clean=clean)
            row.clean_changed = self.now()

    def publish(self, binary: NewBinary) -> bool:
        """Add a package, unless it is there already; tell whether it was news."""
        key = place_of(binary)
        news = key not in self.binaries
        self.binaries.setdefault(key, binary)
        return news


def place_of(binary: NewBinary) -> tuple[object, ...]:
    """Tell what there is once of a package: all of it but its component."""
    where = (binary.archive, binary.series, binary.pocket)
    return (binary.name, binary.version, binary.architecture, *where)
