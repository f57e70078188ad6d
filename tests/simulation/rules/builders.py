"""What is known of builders, and how that may change (I5, I8)."""

from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet

from attrs import define, field

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.jobs import LIVE
from tests.simulation.diary import Diary
from tests.simulation.facts import BuilderFact, Sight
from tests.simulation.jobs import POISON, kind_of
from tests.simulation.rules.steps import BUILDER, MACHINE, Use, step, use_of


#: So many jobs more may one be given that never works, before it is out of use: a job
#: that has had all its attempts there takes the count back, to three of five.
_GRACE = 3


@define
class Builders:
    """
    Compares the table of builders before and after each transaction.

    :ivar _hopeless: The names of builders on which nothing ever comes to its end.
    :ivar _patience: How many jobs one of them may be given, before it is out of use.
    :ivar _calm: Whether there is nothing to excuse it.
    :ivar _tried: The builds that anybody has tried.
    :ivar _given: How many builds each builder was given, one after the other, since it
        was out of use, or somebody said that it is well, or it was given one that may
        be bad: that had failed before, or never comes to its end anywhere.
    :ivar _own: Those that it was the first to try since it was out of use.
    """

    _diary: Diary
    _hopeless: AbstractSet[str]
    _patience: int
    _calm: bool
    _known: dict[int, BuilderFact] = field(factory=dict)
    _attempts: set[int] = field(factory=set)
    _tried: set[int] = field(factory=set)
    _given: Counter[int] = field(factory=Counter)
    _own: defaultdict[int, set[int]] = field(factory=lambda: defaultdict(set))

    def heal(self) -> None:
        """Be told that all trouble is over."""
        self._calm = True

    def changed(self, name: str, change: BuilderChange) -> None:
        """Be told of what somebody has said of a builder."""
        for builder in self._known.values():
            if builder.name == name and change.ok:
                self._begin(builder.id)

    def check(self, seen: Sight) -> None:
        """Look at the table as it is now."""
        self._count(seen)
        busy = {attempt.builder for attempt in seen.attempts if attempt.state in LIVE}
        for builder in seen.builders:
            before = self._known.get(builder.id, builder)
            self._known[builder.id] = builder
            self._check_machine(before, builder, busy)
            self._check_use(before, builder)
            self._check_patience(builder)

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

    def _check_patience(self, builder: BuilderFact) -> None:
        if use_of(builder) is Use.OUT or not self._calm:
            self._begin(builder.id)
        given = self._given[builder.id]
        if builder.name in self._hopeless and given > self._patience + _GRACE:
            what = f"{builder.name} never works, and was given {given} jobs"
            self._diary.violate("I8", what)

    def _count(self, seen: Sight) -> None:
        """Count the jobs that were given since the last look."""
        sources = {build.id: build.source for build in seen.builds}
        for attempt in seen.attempts:
            if attempt.id not in self._attempts:
                self._attempts.add(attempt.id)
                poison = kind_of(sources[attempt.build]) in POISON
                self._give(attempt.builder, attempt.build, poison=poison)

    def _give(self, builder: int, build: int, *, poison: bool) -> None:
        if build not in self._tried:
            self._own[builder].add(build)
        self._tried.add(build)
        if poison or build not in self._own[builder]:
            self._given[builder] = 0
        else:
            self._given[builder] += 1

    def _begin(self, builder: int) -> None:
        self._given[builder] = 0
        self._own[builder].clear()
