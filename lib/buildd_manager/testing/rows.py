"""The tables of the database, in memory."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from itertools import count
from typing import ParamSpec, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewSeries, Submission
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import LIVE, AttemptState


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
    """A series; the chroot of each architecture, once there is one."""

    new: NewSeries
    chroots: dict[str, StoredFile | None] = field(factory=dict)


@define
class BuilderRow:
    """A builder and who has it."""

    value: Builder
    owner: str | None = None
    epoch: int = 0
    until: float = 0.0


@define(kw_only=True)
class BuildRow:
    """A build; ``queue`` is its place in the queue while it waits or runs."""

    id: int
    submission: Submission
    architecture: str
    arch_indep: bool
    created: datetime
    queue: int | None
    state: BuildState = BuildState.NEEDS_BUILD
    builder: int | None = None
    started: datetime | None = None
    finished: datetime | None = None
    dependencies: str | None = None
    tail: str | None = None
    log: StoredFile | None = None
    files: tuple[StoredFile, ...] = ()
    upload_output: str | None = None


@define(kw_only=True)
class AttemptRow:
    """An attempt; ``upload`` tells whether its results wait to be uploaded."""

    id: int
    number: int
    build: BuildRow
    builder: int
    manager: str
    epoch: int
    cookie: Cookie
    claimed: datetime
    state: AttemptState = AttemptState.CLAIMED
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str | None = None
    upload: bool = False


@define
class Rows:
    """All tables, and the database's clock and sequences."""

    clock: IReactorTime
    managers: dict[str, str] = field(factory=dict)
    series: dict[str, SeriesRow] = field(factory=dict)
    builders: dict[int, BuilderRow] = field(factory=dict)
    builds: dict[int, BuildRow] = field(factory=dict)
    attempts: dict[int, AttemptRow] = field(factory=dict)
    files: dict[int, StoredFile] = field(factory=dict)
    numbers: Iterator[int] = field(factory=lambda: count(1))

    def now(self) -> datetime:
        """Read the database's clock."""
        return datetime.fromtimestamp(self.clock.seconds(), UTC)

    def live_attempt(self, builder: int) -> AttemptRow | None:
        """Find what the builder has to do."""
        for row in self.attempts.values():
            if row.builder == builder and row.state in LIVE:
                return row
        return None
