"""The works of managers, put together of what the world has for them."""

from collections.abc import Mapping

from attrs import frozen

from buildd_manager.domain.policy import Policy
from buildd_manager.ports import Store
from buildd_manager.services.works import Pace, Works
from buildd_manager.services.works import World as Surroundings
from buildd_manager.testing.librarian import MemoryLibrarian
from tests.simulation.chance import Chance
from tests.simulation.clock import Process, Timeline
from tests.simulation.cloud import Cloud, Console
from tests.simulation.database import Database
from tests.simulation.desks import Desk, Landing
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.machines import Machine
from tests.simulation.managers import Life
from tests.simulation.network import Network
from tests.simulation.rules.effects import Effects
from tests.simulation.rules.results import Results
from tests.simulation.seats import Seat
from tests.simulation.shelves import Shelves
from tests.simulation.workers import Workers


#: As in earnest, but for limits that would take days to reach.
PACE = Pace(
    policy=Policy(
        wall_floor=2400.0,
        silence_floor=400.0,
        trial_at_most=1200.0,
        resetting=600.0,
    ),
)


@frozen(kw_only=True)
class Ground:
    """
    What all managers stand on.

    :ivar contents: The bytes of the librarian.
    """

    timeline: Timeline
    chance: Chance
    diary: Diary
    database: Database
    network: Network
    machines: Mapping[str, Machine]
    cloud: Cloud
    effects: Effects
    results: Results
    contents: dict[str, bytes]


@frozen(kw_only=True)
class Host:
    """A host of a manager; what is on its disk outlives the manager."""

    name: str
    manager: str
    ground: Ground
    landing: Landing

    def begin(self) -> Life:
        """Make a life of the manager."""
        process = new_process(self.ground.timeline, self.ground.chance)
        seat = Seat(self.name, self.manager, process)
        store = self.ground.database.seen_from(seat)
        works = Works(self.manager, self._surroundings(seat, store), PACE)
        return Life(seat, store.builds, works)

    def _surroundings(self, seat: Seat, store: Store) -> Surroundings:
        ground, chance = self.ground, self.ground.chance
        nonces = chance.of("nonces")
        return Surroundings(
            store=store,
            librarian=Shelves(
                MemoryLibrarian(store.files, contents=ground.contents), seat, chance
            ),
            workers=Workers(seat, ground.network, ground.machines, ground.effects),
            uploader=Desk(self.landing, seat, chance, ground.results, ground.diary),
            resetter=Console(ground.cloud, seat),
            clock=seat.process,
            random=chance.of("spreading"),
            nonce=lambda: f"{nonces.getrandbits(64):016x}",
            build_url=lambda build: f"build {build}",
        )


def new_process(timeline: Timeline, chance: Chance) -> Process:
    """Make a process; nobody knows when its clock began, or how fast it is."""
    random = chance.of("clocks")
    epoch, rate = random.uniform(0, 1e6), random.uniform(0.95, 1.05)
    drifts = chance.may(Fault.DRIFT)
    chance.struck[Fault.DRIFT] += drifts
    return Process(timeline, epoch, rate if drifts else 1.0)
