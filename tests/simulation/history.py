"""From the beginning of a world to its end."""

from collections import Counter
from collections.abc import Callable, Sequence

from attrs import frozen

from tests.simulation.chance import Chance
from tests.simulation.clock import Process
from tests.simulation.diary import Violation
from tests.simulation.errors import Errors
from tests.simulation.fates import Fate
from tests.simulation.faults import BLAMABLE, Fault
from tests.simulation.world import Storage, World, make_world


#: Seconds of trouble, and seconds after which all should be well at the latest: these,
#: and some for each source, as a farm of one hangs at some until it is restarted.
TROUBLE = 2400.0
LATEST = TROUBLE + 4 * 3600.0
FOR_EACH = 1500.0

#: Seconds between looks whether all is done.
_LOOKS = 30.0

#: So many promises may be broken; then there is no point in going on.
_ENOUGH = 3


@frozen(kw_only=True)
class Outcome:
    """
    What has become of a world.

    :ivar seconds: How old it has become.
    :ivar struck: How often each kind of trouble came about.
    :ivar covered: How often what happened that could.
    :ivar digest: The same for the same history only.
    :ivar story: All of it.
    """

    fate: Fate
    violations: Sequence[Violation]
    seconds: float
    struck: Counter[Fault]
    covered: Counter[str]
    digest: str
    story: str


class History:
    """Lets things happen until all is done that there is to do."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._over = False
        self._sources = _sources(world.basis.chance)

    def run(self) -> None:
        """Let it all happen, and look at how it ends."""
        self._begin()
        timeline, diary = self._world.basis.timeline, self._world.basis.diary
        while not self._over and len(diary.violations) < _ENOUGH:
            timeline.step()
        if self._over:
            self._world.ends.check()

    def _begin(self) -> None:
        world, timeline = self._world, self._world.basis.timeline
        random = world.basis.chance.of("beginning")
        for manager in world.managers:
            timeline.after(random.uniform(0, 5), manager.start)
        for number in range(self._sources):
            timeline.after(random.uniform(0, TROUBLE), world.people.submit, number)
        world.people.begin()
        world.nemesis.begin()
        world.operator.begin()
        timeline.after(TROUBLE, self._heal)

    def _heal(self) -> None:
        self._world.basis.diary.note("all trouble is over")
        self._world.basis.chance.heal()
        self._world.nemesis.heal()
        self._look()

    def _look(self) -> None:
        timeline = self._world.basis.timeline
        late = timeline.seconds() > LATEST + self._sources * FOR_EACH
        self._over = late or self._world.ends.is_reached()
        timeline.after(_LOOKS, self._look)


def _sources(chance: Chance) -> int:
    """Tell how many sources people submit: a few, or as many as keep all busy."""
    random = chance.of("sources")
    busy = chance.faults <= BLAMABLE
    return random.randint(30, 50) if busy else random.randint(6, 16)


def live(fate: Fate, storage: Callable[[Process], Storage], errors: Errors) -> Outcome:
    """Let a world have its history."""
    world = make_world(fate.seed, fate.faults, storage)
    diary = errors.diary = world.basis.diary
    History(world).run()
    return Outcome(
        fate=fate,
        violations=tuple(diary.violations),
        seconds=world.basis.timeline.seconds(),
        struck=world.basis.chance.struck,
        covered=diary.covered,
        digest=diary.digest(),
        story=diary.text(),
    )
