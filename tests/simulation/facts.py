"""What the database holds, whichever it is: read past all trouble."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.testing.rows import Rows


@frozen
class BuildFact:
    """A build; ``queue`` is its entry in the queue, while it has one."""

    id: int
    source: str
    state: BuildState
    queue: int | None
    canary: bool
    cause: Cause | None


@frozen
class AttemptFact:
    """An attempt; ``queue`` is the entry of its build, then."""

    id: int
    build: int
    queue: int
    builder: int
    state: AttemptState
    cookie: str
    has_result: bool


@frozen
class BuilderFact:
    """A builder; ``lease`` is how many seconds of it are left to its owner."""

    id: int
    name: str
    ok: bool
    on_trial: bool
    clean: CleanState
    owner: str | None
    lease: float


class Facts(Protocol):
    """What there is."""

    def builds(self) -> Sequence[BuildFact]:
        """List all builds."""

    def attempts(self) -> Sequence[AttemptFact]:
        """List all attempts."""

    def builders(self) -> Sequence[BuilderFact]:
        """List all builders."""


@frozen
class Sight:
    """All that there is at some moment."""

    builds: Sequence[BuildFact]
    attempts: Sequence[AttemptFact]
    builders: Sequence[BuilderFact]


def look(facts: Facts) -> Sight:
    """Look at all that there is now."""
    return Sight(facts.builds(), facts.attempts(), facts.builders())


@frozen
class MemoryFacts:
    """What there is in memory."""

    _rows: Rows

    def builds(self) -> Sequence[BuildFact]:
        return [
            BuildFact(
                row.id,
                row.source.source.name,
                row.state,
                row.queue,
                row.canary,
                row.cause,
            )
            for row in self._rows.builds.values()
        ]

    def attempts(self) -> Sequence[AttemptFact]:
        return [
            AttemptFact(
                row.id,
                row.build.id,
                row.queue,
                row.builder,
                row.state,
                str(row.cookie),
                row.result is not None,
            )
            for row in self._rows.attempts.values()
        ]

    def builders(self) -> Sequence[BuilderFact]:
        now = self._rows.clock.seconds()
        return [
            BuilderFact(
                number,
                row.value.name,
                row.value.ok,
                row.value.on_trial,
                row.value.clean,
                row.owner,
                row.until - now,
            )
            for number, row in self._rows.builders.items()
        ]
