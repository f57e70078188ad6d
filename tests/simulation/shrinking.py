"""Find out which kinds of trouble a failure needs."""

from collections.abc import Callable
from typing import Protocol

from attrs import evolve

from tests.simulation.fates import Fate
from tests.simulation.faults import Fault
from tests.simulation.history import Outcome


class IRunner(Protocol):
    """Whatever runs worlds."""

    def run(self, fate: Fate) -> Outcome:
        """Run one."""


def needed(fate: Fate, runner: IRunner) -> Fate:
    """Leave out of a world that fails all trouble that makes no difference."""

    def fails(faults: frozenset[Fault]) -> bool:
        return bool(runner.run(evolve(fate, faults=faults)).violations)

    return evolve(fate, faults=shrink(fate.faults, fails))


def shrink(
    faults: frozenset[Fault], fails: Callable[[frozenset[Fault]], bool]
) -> frozenset[Fault]:
    """
    Leave out, one after the other, what makes no difference.

    :param fails: Tells whether a world with just these kinds of trouble fails.
    :returns: Kinds none of which can be left out.
    """
    needed = faults
    while smaller := _smaller(needed, fails):
        needed = smaller[0]
    return needed


def _smaller(
    faults: frozenset[Fault], fails: Callable[[frozenset[Fault]], bool]
) -> list[frozenset[Fault]]:
    """Leave as many out as can be in one pass; empty if none can be."""
    left = faults
    for fault in sorted(faults, key=lambda fault: fault.value):
        if fails(left - {fault}):
            left -= {fault}
    return [left] if left < faults else []
