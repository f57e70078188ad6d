"""What is known of builders, and how that may change (I5, I8)."""

from collections import Counter
from collections.abc import Set as AbstractSet

from attrs import define, field

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.jobs import LIVE
from tests.simulation.diary import Diary
from tests.simulation.facts import BuilderFact, Sight
from tests.simulation.rules.steps import BUILDER, MACHINE, Use, step, use_of


#: Jobs that a builder which never works may be given before it is out of use: it is
#: after five failures, but a job that fails everywhere may halve the count.
PATIENCE = 10


@define
class Builders:
    """
    Compares the table of builders before and after each transaction.

    :ivar _hopeless: The names of builders on which nothing ever comes to its end.
    :ivar _given: How many jobs each builder was given in all, the last time that it was
        out of use, or in trouble.
    :ivar _calm: Whether all trouble is over.
    """

    _diary: Diary
    _hopeless: AbstractSet[str]
    _known: dict[int, BuilderFact] = field(factory=dict)
    _given: Counter[int] = field(factory=Counter)
    _calm: bool = False

    def heal(self) -> None:
        """Be told that all trouble is over: from now on nothing excuses a builder."""
        self._calm = True

    def check(self, seen: Sight) -> None:
        """Look at the table as it is now."""
        given = Counter(attempt.builder for attempt in seen.attempts)
        busy = {attempt.builder for attempt in seen.attempts if attempt.state in LIVE}
        for builder in seen.builders:
            before = self._known.get(builder.id, builder)
            self._known[builder.id] = builder
            self._check_machine(before, builder, busy)
            self._check_use(before, builder)
            if use_of(builder) is not Use.WELL or not self._calm:
                self._given[builder.id] = given[builder.id]
            elif builder.name in self._hopeless:
                self._check_patience(builder, given[builder.id])

    def _check_machine(
        self, before: BuilderFact, builder: BuilderFact, busy: AbstractSet[int]
    ) -> None:
        if before.clean is not builder.clean:
            taken = step("machine", before.clean, builder.clean)
            self._diary.covered[taken] += 1
            if builder.clean not in MACHINE[before.clean]:
                self._diary.violate("I5", f"{taken}, of {builder.name}")
        if builder.id in busy and builder.clean is not CleanState.DIRTY:
            what = f"{builder.name} has a job and is {builder.clean.value}"
            self._diary.violate("I5", what)

    def _check_use(self, before: BuilderFact, builder: BuilderFact) -> None:
        was, is_ = use_of(before), use_of(builder)
        if was is not is_:
            taken = step("builder", was, is_)
            self._diary.covered[taken] += 1
            if is_ not in BUILDER[was]:
                self._diary.violate("I8", f"{taken}, of {builder.name}")

    def _check_patience(self, builder: BuilderFact, given: int) -> None:
        jobs = given - self._given[builder.id]
        if jobs > PATIENCE:
            what = f"{builder.name} never works, and was given {jobs} jobs"
            self._diary.violate("I8", what)
