"""People who use a farm: they submit, and change their minds."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred

from buildd_manager.domain.builds import RETRYABLE, BuildState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.domain.sources import Source
from buildd_manager.ports import Store
from tests.simulation.chance import Chance
from tests.simulation.clock import Timeline
from tests.simulation.diary import Diary
from tests.simulation.facts import BuildFact, Facts
from tests.simulation.faults import Fault
from tests.simulation.furniture import VIRTUAL, Furniture
from tests.simulation.jobs import ORDINARY, POISON, name_of


#: Seconds between things that people ask for, on average.
_PAUSE = 60.0

#: What people may do to builds and builders, each if it is on.
_WISHES = (
    Fault.CANCEL,
    Fault.RETRY,
    Fault.RESCORE,
    Fault.SUPERSEDE,
    Fault.DISABLE,
)


@define(kw_only=True)
class People:
    """
    All who ask the farm for something.

    :ivar asked: What was ever asked for, by the number of the build.
    :ivar _archives: For which each source is, by its name.
    """

    timeline: Timeline
    chance: Chance
    diary: Diary
    facts: Facts
    store: Store
    furniture: Furniture
    asked: defaultdict[int, set[Fault]] = field(factory=lambda: defaultdict(set))
    _archives: dict[str, str] = field(factory=dict)

    def submit(self, number: int, version: str = "1", name: str = "") -> None:
        """Submit a source with one build, or another version of one."""
        random = self.chance.of("sources")
        kinds = POISON if self.chance.strikes(Fault.POISON) else ORDINARY
        name = name or name_of(random.choice(kinds), number)
        archive = self._archives.setdefault(
            name, random.choice(self.furniture.archives)
        )
        self.diary.note(f"people submit {name} {version}")
        submission = Submission(
            source=Source(name=name, version=version, hints=("any",), files=()),
            archive=archive,
            series="bookworm",
            component="main",
            builds=(NewBuild(architecture="amd64", virtualized=archive == VIRTUAL),),
            files=(self.furniture.source_file(name, version),),
            score=random.randrange(3),
        )
        self._ask(self.store.queue.submit(submission))

    def begin(self) -> None:
        """Begin to wish for things."""
        pause = self.chance.of("wishes").expovariate(1 / _PAUSE)
        self.timeline.after(pause, self._wish)

    def _wish(self) -> None:
        wish = self.chance.of("wishes").choice(_WISHES)
        if self.chance.may(wish):
            self.chance.struck[wish] += 1
            self._granted[wish]()
        self.begin()

    @property
    def _granted(self) -> dict[Fault, Callable[[], None]]:
        return {
            Fault.CANCEL: self._cancel,
            Fault.RETRY: self._retry,
            Fault.RESCORE: self._rescore,
            Fault.SUPERSEDE: self._supersede,
            Fault.DISABLE: self._disable,
        }

    def _cancel(self) -> None:
        if build := self._choose(lambda build: not build.state.is_final):
            self.asked[build.id].add(Fault.CANCEL)
            self.diary.note(f"people cancel {build.id}")
            self._ask(self.store.queue.cancel(build.id))

    def _retry(self) -> None:
        if build := self._choose(lambda build: build.state in RETRYABLE):
            self.diary.note(f"people retry {build.id}")
            self._ask(self.store.queue.retry(build.id))

    def _rescore(self) -> None:
        if build := self._choose(lambda build: build.state is BuildState.NEEDS_BUILD):
            score = self.chance.of("wishes").randrange(100)
            self._ask(self.store.queue.rescore(build.id, score))

    def _supersede(self) -> None:
        if build := self._choose(lambda build: not build.state.is_final):
            for other in self.facts.builds():
                if other.source == build.source:
                    self.asked[other.id].add(Fault.SUPERSEDE)
            self.submit(0, str(int(self.timeline.seconds())), build.source)

    def _disable(self) -> None:
        """Take a builder out of use, and back into it, once that was answered."""
        random = self.chance.of("wishes")
        name = random.choice(self.facts.builders()).name
        self.diary.note(f"people disable {name}")
        change = BuilderChange(ok=False, fail_notes="looked after")
        asked = self.store.catalogue.change_builder(name, change)
        seconds = random.uniform(30, 600)
        asked.addBoth(lambda _: self.timeline.after(seconds, self._enable, name))

    def _enable(self, name: str) -> None:
        self.diary.note(f"people enable {name}")
        asked = self.store.catalogue.change_builder(name, BuilderChange(ok=True))
        asked.addErrback(lambda _: self.timeline.after(10.0, self._enable, name))

    def _choose(self, suits: Callable[[BuildFact], bool]) -> BuildFact | None:
        known: Sequence[BuildFact] = [
            build for build in self.facts.builds() if suits(build) and not build.canary
        ]
        return self.chance.of("wishes").choice(known) if known else None

    def _ask(self, asked: Deferred[Any]) -> None:
        """Ask once; people see errors, and shrug."""
        asked.addErrback(lambda _: None)
