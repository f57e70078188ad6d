"""Chance, all of which a seed tells."""

from collections import Counter
from random import Random

from tests.simulation.faults import LASTING, RATES, Fault


class Chance:
    """
    Decides what happens, and counts it.

    Each matter has random numbers of its own, so that one which is left out changes
    the others as little as can be: failing seeds are shrunk that way.

    :ivar faults: All kinds of trouble that there are, now or then.
    :ivar struck: How often each kind of trouble came about.
    """

    def __init__(self, seed: int, faults: frozenset[Fault]) -> None:
        self.struck: Counter[Fault] = Counter()
        self._seed = seed
        self.faults = faults
        self._of: dict[str, Random] = {}
        self._healed = False

    def of(self, matter: str) -> Random:
        """Give the random numbers of a matter."""
        if (random := self._of.get(matter)) is None:
            random = self._of[matter] = Random(f"{self._seed}:{matter}")
        return random

    def may(self, fault: Fault) -> bool:
        """Tell whether there is such trouble at all, just now."""
        return fault in self.faults and not (self._healed and fault not in LASTING)

    def strikes(self, fault: Fault) -> bool:
        """Decide whether trouble comes about where it could."""
        if not self.may(fault) or self.of(fault.value).random() >= RATES[fault]:
            return False
        self.struck[fault] += 1
        return True

    def heal(self) -> None:
        """Let there be no more trouble but what lasts."""
        self._healed = True
