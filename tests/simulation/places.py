"""Where builders are, and what is wrong with some of them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import Enum

from attrs import frozen

from buildd_manager.domain.builders import ResetProtocol
from tests.simulation.chance import Chance
from tests.simulation.faults import Fault


class Lemon(Enum):
    """What is wrong with a builder that never works."""

    DEAF = "deaf"
    REFUSING = "refusing"
    FAILING = "failing"
    HANGING = "hanging"
    CRASHING = "crashing"
    FETCHLESS = "fetchless"


@frozen(kw_only=True)
class Place:
    """
    Where a builder is to be.

    :ivar protocol: How it is made anew, if it is virtual.
    :ivar lemon: What is wrong with it, if it never works.
    """

    name: str
    protocol: ResetProtocol | None
    lemon: Lemon | None


def choose_places(chance: Chance) -> Sequence[Place]:
    """Choose builders, with one that works at least of each kind that there is."""
    random = chance.of("places")
    real = random.choice(((True,), (False,), (True, False)))
    places = [
        Place(
            name=f"{'real' if is_real else 'virtual'}{number}",
            protocol=None if is_real else random.choice(list(ResetProtocol)),
            lemon=None,
        )
        for is_real in real
        for number in range(random.randint(1, 3))
    ]
    if chance.may(Fault.LEMON):
        chance.struck[Fault.LEMON] += 1
        is_real = random.choice(real)
        lemon = Place(
            name="lemon",
            protocol=None if is_real else random.choice(list(ResetProtocol)),
            lemon=random.choice(list(Lemon)),
        )
        places.insert(random.randrange(len(places) + 1), lemon)
    return places


def hopeless(places: Sequence[Place]) -> AbstractSet[str]:
    """Name the builders on which nothing ever comes to its end, not even by luck."""
    lucky = {None, Lemon.CRASHING}
    return {place.name for place in places if place.lemon not in lucky}
