"""Builds, as people ask for them and see them."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.scores import Score, Urgency
from buildd_manager.domain.sources import Source


@frozen(kw_only=True)
class NewBuild:
    """
    One build that a source wants.

    :ivar arch_indep: Whether the ``Architecture: all`` packages come from it.
    :ivar virtualized: Whether it is for virtual builders, and only for them.
    :ivar estimate: Seconds that it is likely to take.
    """

    architecture: str
    arch_indep: bool = False
    virtualized: bool = False
    estimate: float = 300.0


@frozen(kw_only=True)
class Submission:
    """
    A source to be built.

    :ivar files: The ``.dsc`` first, then all that it lists.
    :ivar score: Of each of its builds.
    :ivar manual_score: Whether somebody has said so.
    :ivar resources: Tags that its builders must have.
    """

    source: Source
    archive: str
    series: str
    pocket: Pocket = Pocket.RELEASE
    component: str
    section: str = "misc"
    urgency: Urgency = Urgency.LOW
    builds: tuple[NewBuild, ...]
    files: tuple[StoredFile, ...]
    score: int
    manual_score: bool = False
    resources: tuple[str, ...] = ()


@frozen(kw_only=True)
class BuildFilter:
    """
    Which builds are meant; ``None`` and empty mean all.

    :ivar ids: Their numbers.
    :ivar builder: Name of the builder of its last attempt.
    """

    ids: frozenset[int] = frozenset()
    states: frozenset[BuildState] = frozenset()
    causes: frozenset[Cause] = frozenset()
    source: str | None = None
    archive: str | None = None
    series: str | None = None
    architecture: str | None = None
    builder: str | None = None


@frozen(kw_only=True)
class BuildSummary:
    """A build in a list; ``builder`` names where it is, or was, built."""

    id: int
    source: str
    version: str
    archive: str
    series: str
    pocket: Pocket
    architecture: str
    state: BuildState
    cause: Cause | None
    score: int
    builder: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None


@frozen(kw_only=True)
class AttemptDetail:
    """
    One attempt at a build.

    :ivar outcome: How it ended, in words.
    :ivar cause: Why, unless it is a success.
    """

    id: int
    number: int
    builder: str
    cookie: str
    state: AttemptState
    claimed: datetime
    started: datetime | None
    ended: datetime | None
    outcome: str | None
    cause: Cause | None
    log: StoredFile | None


@frozen(kw_only=True)
class BuildDetail:
    """
    All that there is to see of a build.

    :ivar scored: Of what its score would be made, had nobody said another.
    :ivar estimate: Seconds that it is likely to take.
    """

    summary: BuildSummary
    scored: Score
    manual_score: bool
    estimate: float
    resources: tuple[str, ...]
    first_dispatched: datetime | None
    dependencies: str | None
    log_tail: str | None
    log: StoredFile | None
    files: tuple[StoredFile, ...]
    attempts: tuple[AttemptDetail, ...]
    upload_output: str | None


@frozen(kw_only=True)
class DepWait:
    """
    A build that waits for packages to be published.

    :ivar sees: The components that it may see, by archive and pocket.
    """

    build: int
    dependencies: str
    architecture: str
    series: str
    sees: Mapping[tuple[str, Pocket], frozenset[str]]
