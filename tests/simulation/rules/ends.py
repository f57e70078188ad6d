"""What has to be true once there was no trouble for a while (I2, I6, I8)."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from attrs import frozen

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import LIVE
from tests.simulation.diary import Diary
from tests.simulation.facts import BuildFact, Facts
from tests.simulation.faults import CALM, Fault
from tests.simulation.jobs import ENDS, Kind, kind_of


#: Where builds end because people want it.
_WANTED = {
    Fault.CANCEL: BuildState.CANCELLED,
    Fault.SUPERSEDE: BuildState.SUPERSEDED,
}

#: Because of these a build may take too long: what is rolled back builds it all again.
_SLOWING = frozenset({Fault.WEDGE, Fault.LEMON, Fault.LEAP, Fault.ROLLBACK})


@frozen(kw_only=True)
class Ends:
    """
    Compares what has become of a farm with what should.

    :ivar asked: What people have asked for, by the number of the build.
    :ivar good: The names of all builders that work.
    :ivar faults: All trouble that there was.
    """

    facts: Facts
    diary: Diary
    asked: Mapping[int, AbstractSet[Fault]]
    good: AbstractSet[str]
    faults: AbstractSet[Fault]

    def is_reached(self) -> bool:
        """Tell whether all is done that there is to do."""
        return all(build.state.is_final for build in self.facts.builds()) and all(
            builder.ok for builder in self.facts.builders() if builder.name in self.good
        )

    def check(self) -> None:
        """Look at how it ended."""
        for build in self.facts.builds():
            self._check_build(build)
        for attempt in self.facts.attempts():
            if attempt.state in LIVE:
                self.diary.violate("I6", f"attempt {attempt.id} is still live")
        for builder in self.facts.builders():
            if builder.name in self.good and not builder.ok:
                self.diary.violate("I8", f"{builder.name} is good, but out of use")

    def _check_build(self, build: BuildFact) -> None:
        name = f"build {build.id} of {build.source}"
        if not build.state.is_final:
            self.diary.violate("I6", f"{name} is {build.state.value} at the end")
        elif build.state not in self._ends(build):
            self.diary.violate("I6", f"{name} ends as {build.state.value}")
        elif build.state is BuildState.FAILED_TO_BUILD and self._is_wronged(build):
            self.diary.violate("I8", f"{name} failed: {build.cause}")

    def _ends(self, build: BuildFact) -> Iterable[BuildState]:
        if build.canary:
            return {*BuildState}
        wanted = {
            _WANTED[wish] for wish in self.asked.get(build.id, ()) if wish in _WANTED
        }
        return ENDS[kind_of(build.source)] | wanted

    def _is_wronged(self, build: BuildFact) -> bool:
        """Tell whether a build failed that is good, and nobody had reason to."""
        if build.canary or kind_of(build.source) is not Kind.GOOD:
            return False
        slow = build.cause in {Cause.TIMEOUT, Cause.SILENCE}
        return (slow and not _SLOWING & self.faults) or self.faults <= CALM
