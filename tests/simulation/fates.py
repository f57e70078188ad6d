"""What a world is made of, and those that are kept as data."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.simulation.faults import Fault, names_of, parse, swarm


_SEEDS = Path(__file__).parent / "seeds.toml"


@frozen
class Fate:
    """
    A world that may be.

    :ivar guard: Which guard of the product is taken out of it, if any.
    """

    seed: int
    faults: frozenset[Fault]
    guard: str | None = None

    @property
    def words(self) -> str:
        """Say how it is run again."""
        without = "" if self.guard is None else f" --break {self.guard}"
        return f"--seeds {self.seed} --only {names_of(self.faults)}{without}"


def fates_of(
    seeds: Sequence[int],
    only: frozenset[Fault] | None = None,
    guard: str | None = None,
) -> Sequence[Fate]:
    """Give seeds the kinds of trouble that they have, or some that are named."""
    return [Fate(seed, swarm(seed) if only is None else only, guard) for seed in seeds]


def regressions() -> Sequence[Fate]:
    """Give worlds in which a promise was once broken."""
    return [_fate(row) for row in _read()["regression"]]


def missed() -> Mapping[str, Fate]:
    """Give, for each guard, a world in which it was missed."""
    return {name: _fate(row, name) for name, row in _read()["guard"].items()}


def _fate(row: Mapping[str, Any], guard: str | None = None) -> Fate:
    return Fate(row["seed"], parse(row["only"]), guard)


def _read() -> Mapping[str, Any]:
    return tomllib.loads(_SEEDS.read_text())
