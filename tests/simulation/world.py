"""A world with a farm in it, made of a seed, and its history."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from attrs import frozen

from buildd_manager.ports import Store
from buildd_manager.testing.buildd_worker import fetch_from
from buildd_manager.testing.librarian import MemoryLibrarian
from tests.simulation.chance import Chance
from tests.simulation.clock import Process, Timeline
from tests.simulation.cloud import Cloud
from tests.simulation.database import Database
from tests.simulation.desks import Landing
from tests.simulation.diary import Diary
from tests.simulation.facts import Facts
from tests.simulation.faults import BLAMABLE, Fault
from tests.simulation.furniture import REAL, VIRTUAL, Furniture
from tests.simulation.lives import PACE, Ground, Host, new_process
from tests.simulation.machines import Kit, Machine
from tests.simulation.managers import Manager
from tests.simulation.nemesis import Nemesis
from tests.simulation.network import Network
from tests.simulation.operators import Operator
from tests.simulation.people import People
from tests.simulation.places import Place, choose_places, hopeless
from tests.simulation.rules.builders import Builders
from tests.simulation.rules.commits import Commits
from tests.simulation.rules.effects import Effects
from tests.simulation.rules.ends import Ends
from tests.simulation.rules.leases import Epochs
from tests.simulation.rules.paces import Paces
from tests.simulation.rules.results import Results
from tests.simulation.rules.tables import Tables
from tests.simulation.seats import Seat


@frozen
class Storage:
    """A database, and a way to look into it that never fails."""

    store: Store
    facts: Facts


@frozen(kw_only=True)
class World:
    """A farm, and all that is around it."""

    basis: "Basis"
    managers: Sequence[Manager]
    people: People
    nemesis: Nemesis
    operator: Operator
    ends: Ends


@frozen
class Basis:
    """
    What a world begins with.

    :ivar clock: The database's.
    """

    timeline: Timeline
    chance: Chance
    diary: Diary
    clock: Process
    storage: Storage
    librarian: MemoryLibrarian
    places: Sequence[Place]


def make_world(
    seed: int, faults: frozenset[Fault], storage: Callable[[Process], Storage]
) -> World:
    """
    Make a world in which nothing has happened yet.

    :param storage: Makes an empty database, whose clock is the given process's.
    """
    timeline = Timeline(Random(f"{seed}:ties"))
    chance, clock = Chance(seed, faults), Process(timeline)
    stored = storage(clock)
    librarian = MemoryLibrarian(stored.store.files)
    places = choose_places(chance)
    basis = Basis(timeline, chance, Diary(timeline), clock, stored, librarian, places)
    ground = _make_ground(basis)
    managers, people = _make_managers(ground), _make_people(basis, ground)
    return World(
        basis=basis,
        managers=managers,
        people=people,
        nemesis=_make_nemesis(basis, ground, managers),
        operator=Operator(
            timeline=timeline,
            diary=basis.diary,
            facts=stored.facts,
            machines=ground.machines,
        ),
        ends=_make_ends(basis, people, faults),
    )


def _make_ground(basis: Basis) -> Ground:
    timeline, chance, diary = basis.timeline, basis.chance, basis.diary
    facts, contents = basis.storage.facts, basis.librarian.contents
    effects = Effects(facts, chance, diary)
    tables = Tables(diary, PACE.policy.attempts)
    results = Results(facts, contents, diary, tables.cancelled)
    calm = chance.faults <= BLAMABLE
    patience = PACE.policy.fail_builder_at
    builders = Builders(diary, hopeless(basis.places), patience, calm)
    commits = Commits(facts, tables, builders, Epochs(diary), results)
    database = Database(
        timeline,
        chance,
        diary,
        basis.storage.store,
        commits,
        Paces(timeline, diary),
    )
    machines = _make_machines(basis)
    catalogue = database.seen_from(Seat("cloud", "", basis.clock)).catalogue
    return Ground(
        timeline=timeline,
        chance=chance,
        diary=diary,
        database=database,
        network=Network(timeline, chance, diary),
        machines=machines,
        cloud=Cloud(timeline, chance, diary, machines, catalogue, effects),
        effects=effects,
        results=results,
        contents=contents,
    )


def _make_machines(basis: Basis) -> Mapping[str, Machine]:
    machines: dict[str, Machine] = {}
    kit = Kit(
        timeline=basis.timeline,
        chance=basis.chance,
        diary=basis.diary,
        fetch=fetch_from(basis.librarian, basis.storage.store.files),
        others=machines,
    )
    for place in basis.places:
        process = new_process(basis.timeline, basis.chance)
        machines[place.name] = Machine(process, kit, place)
    return machines


def _make_managers(ground: Ground) -> Sequence[Manager]:
    managers = []
    for number in range(1, ground.chance.of("managers").randint(1, 3) + 1):
        host = Host(
            name=f"manager{number}",
            manager=f"00000000-0000-4000-8000-{number:012d}",
            ground=ground,
            landing=Landing(),
        )
        managers.append(Manager(host.name, host.begin, ground.timeline, ground.diary))
    return managers


def _make_people(basis: Basis, ground: Ground) -> People:
    archives = {VIRTUAL if place.protocol else REAL for place in basis.places}
    furniture = Furniture(basis.storage.store, basis.librarian, sorted(archives))
    furniture.arrange(basis.places)
    return People(
        timeline=basis.timeline,
        chance=basis.chance,
        diary=basis.diary,
        facts=basis.storage.facts,
        store=ground.database.seen_from(Seat("people", "", basis.clock)),
        furniture=furniture,
    )


def _make_nemesis(basis: Basis, ground: Ground, managers: Sequence[Manager]) -> Nemesis:
    return Nemesis(
        timeline=basis.timeline,
        chance=basis.chance,
        diary=basis.diary,
        network=ground.network,
        database=ground.database,
        clock=basis.clock,
        managers=managers,
        machines=list(ground.machines.values()),
    )


def _make_ends(basis: Basis, people: People, faults: frozenset[Fault]) -> Ends:
    return Ends(
        facts=basis.storage.facts,
        diary=basis.diary,
        asked=people.asked,
        good={place.name for place in basis.places if place.lemon is None},
        faults=faults,
    )
