"""What the tables may hold, and how it may change (I1, I2, I6, I8, I21)."""

from collections import Counter
from collections.abc import Iterable

from attrs import define, field

from buildd_manager.domain.builds import NEXT, BuildState
from buildd_manager.domain.jobs import LIVE, AttemptState
from tests.simulation.diary import Diary
from tests.simulation.facts import AttemptFact, BuildFact, Facts


_UNDER_WAY = frozenset(
    {BuildState.BUILDING, BuildState.GATHERING, BuildState.CANCELLING}
)
_A = AttemptState
_AFTER = {
    None: {_A.CLAIMED},
    _A.CLAIMED: {_A.RUNNING, _A.ABANDONED},
    _A.RUNNING: {_A.GATHERING, _A.RECORDED, _A.ABANDONED},
    _A.GATHERING: {_A.RECORDED, _A.ABANDONED},
    _A.RECORDED: set(),
    _A.ABANDONED: set(),
}


@define
class Tables:
    """
    Compares the tables before and after each transaction.

    :ivar _limit: The most attempts at a build, each time that it is queued.
    """

    _facts: Facts
    _diary: Diary
    _limit: int
    _builds: dict[int, BuildFact] = field(factory=dict)
    _attempts: dict[int, AttemptState] = field(factory=dict)

    def check(self) -> None:
        """Look at the tables now."""
        builds, attempts = self._facts.builds(), self._facts.attempts()
        self._check_builds(builds)
        self._check_attempts(attempts)
        self._check_live(builds, attempts)
        self._check_results(attempts)

    def _check_builds(self, builds: Iterable[BuildFact]) -> None:
        for build in builds:
            before = self._builds.get(build.id)
            self._builds[build.id] = build
            if before is None or before.state is build.state:
                continue
            step = f"{before.state.value} -> {build.state.value}"
            self._diary.covered[f"build: {step}"] += 1
            if build.state not in NEXT[before.state]:
                rule = "I21" if before.state is BuildState.CANCELLING else "I6"
                self._diary.violate(rule, f"build {build.id}: {step}")

    def _check_attempts(self, attempts: Iterable[AttemptFact]) -> None:
        for attempt in attempts:
            before = self._attempts.get(attempt.id)
            if before is attempt.state:
                continue
            self._attempts[attempt.id] = attempt.state
            step = f"{before.value if before else 'new'} -> {attempt.state.value}"
            self._diary.covered[f"attempt: {step}"] += 1
            if attempt.state not in _AFTER[before]:
                self._diary.violate("I2", f"attempt {attempt.id}: {step}")

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
