"""Find worlds in which the guards of the product are missed."""

from collections.abc import Iterator, Sequence

from attrs import evolve

from tests.simulation.fates import fates_of, missed
from tests.simulation.history import Outcome
from tests.simulation.many import Runner, Terms, run_many
from tests.simulation.shrinking import needed


def find_missed(
    guards: Sequence[str], seeds: Sequence[int]
) -> Iterator[tuple[str, Outcome | None]]:
    """Look for a world in which each guard is missed; ``None`` if there is none."""
    runner = Runner(Terms())
    for guard in guards:
        yield guard, _find(guard, seeds, runner)


def _find(guard: str, seeds: Sequence[int], runner: Runner) -> Outcome | None:
    """Try the world that is known first; it may have changed with the product."""
    if (known := missed().get(guard)) is not None:
        outcome = runner.run(known)
        if outcome.violations:
            return outcome
    for outcome in run_many(fates_of(seeds, guard=guard), Terms()):
        if outcome.violations:
            return evolve(outcome, fate=needed(outcome.fate, runner))
    return None
