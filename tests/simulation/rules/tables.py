"""What the tables may hold, and how it may change (I1, I2, I6, I8, I21)."""

from collections import Counter
from collections.abc import Iterable

from attrs import define, field

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.jobs import LIVE, AttemptState
from tests.simulation.diary import Diary
from tests.simulation.facts import AttemptFact, BuildFact, Sight
from tests.simulation.rules.steps import ATTEMPT, BUILD, CANARY, step


_UNDER_WAY = frozenset(
    {BuildState.BUILDING, BuildState.GATHERING, BuildState.CANCELLING}
)


@define
class Tables:
    """
    Compares the tables of builds and attempts before and after each transaction.

    :ivar cancelled: Entries of the queue that are cancelled for good.
    :ivar _limit: The most attempts at a build, each time that it is queued.
    """

    _diary: Diary
    _limit: int
    cancelled: set[int] = field(factory=set)
    _builds: dict[int, BuildFact] = field(factory=dict)
    _attempts: dict[int, AttemptState] = field(factory=dict)

    def check(self, seen: Sight) -> None:
        """Look at the tables as they are now."""
        builds, attempts = seen.builds, seen.attempts
        self._check_attempts(attempts)
        self._check_builds(builds)
        self._check_live(builds, attempts)
        self._check_results(attempts)

    def _check_builds(self, builds: Iterable[BuildFact]) -> None:
        for build in builds:
            before = self._builds.get(build.id)
            self._builds[build.id] = build
            if build.canary:
                self._check_canary(build, before)
            elif before is not None and before.state is not build.state:
                self._check_step(build, before)

    def _check_step(self, build: BuildFact, before: BuildFact) -> None:
        taken = step("build", before.state, build.state)
        self._diary.covered[taken] += 1
        if build.state not in BUILD.get(before.state, ()):
            rule = "I21" if before.state is BuildState.CANCELLING else "I6"
            self._diary.violate(rule, f"{taken}, of build {build.id}")
        if build.state is BuildState.CANCELLED and before.queue is not None:
            self.cancelled.add(before.queue)

    def _check_canary(self, build: BuildFact, before: BuildFact | None) -> None:
        state = None if before is None else before.state
        if state is build.state:
            return
        taken = step("canary", state, build.state)
        self._diary.covered[taken] += 1
        if build.state not in CANARY.get(state, ()):
            self._diary.violate("I6", f"{taken}, of build {build.id}")

    def _check_attempts(self, attempts: Iterable[AttemptFact]) -> None:
        for attempt in attempts:
            before = self._attempts.get(attempt.id)
            if before is attempt.state:
                continue
            self._attempts[attempt.id] = attempt.state
            taken = step("attempt", before, attempt.state)
            self._diary.covered[taken] += 1
            if attempt.state not in ATTEMPT.get(before, ()):
                self._diary.violate("I2", f"{taken}, of attempt {attempt.id}")
            if attempt.queue in self.cancelled:
                self._diary.violate("I21", f"{taken}, though {attempt} is cancelled")

    def _check_live(
        self, builds: Iterable[BuildFact], attempts: Iterable[AttemptFact]
    ) -> None:
        live = [attempt for attempt in attempts if attempt.state in LIVE]
        of_build = Counter(attempt.build for attempt in live)
        self._at_most(1, "I1", "live attempts at build", of_build)
        of_builder = Counter(attempt.builder for attempt in live)
        self._at_most(1, "I1", "live attempts on builder", of_builder)
        for build in builds:
            if (build.state in _UNDER_WAY) != (build.id in of_build):
                what = f"build {build.id} is {build.state.value}, live attempts:"
                self._diary.violate("I6", f"{what} {of_build[build.id]}")

    def _check_results(self, attempts: Iterable[AttemptFact]) -> None:
        for attempt in attempts:
            if attempt.has_result != (attempt.state is AttemptState.RECORDED):
                what = f"attempt {attempt.id} is {attempt.state.value}"
                self._diary.violate("I2", f"{what}, result: {attempt.has_result}")
        results = Counter(attempt.queue for attempt in attempts if attempt.has_result)
        self._at_most(1, "I2", "results of queue entry", results)
        attempted = Counter(attempt.queue for attempt in attempts)
        self._at_most(self._limit, "I8", "attempts at queue entry", attempted)

    def _at_most(self, most: int, rule: str, what: str, counts: Counter[int]) -> None:
        for number, count in counts.items():
            if count > most:
                self._diary.violate(rule, f"{count} {what} {number}")
