"""What a run of many worlds has shown, summed up."""

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import define, field

from tests.simulation.faults import Fault
from tests.simulation.history import Outcome
from tests.simulation.rules.steps import all_steps


@define
class Sum:
    """
    Adds outcomes up.

    :ivar failed: Those in which a promise was broken.
    """

    worlds: int = 0
    seconds: float = 0.0
    struck: Counter[Fault] = field(factory=Counter)
    covered: Counter[str] = field(factory=Counter)
    failed: list[Outcome] = field(factory=list)

    def add(self, outcome: Outcome) -> None:
        """Add one."""
        self.worlds += 1
        self.seconds += outcome.seconds
        self.struck += outcome.struck
        self.covered += outcome.covered
        if outcome.violations:
            self.failed.append(outcome)

    def lines(self, took: float) -> Iterable[str]:
        """
        Tell it.

        :param took: Seconds that the run has taken.
        """
        hours = self.seconds / 3600
        yield f"simulation: {self.worlds} worlds, {hours:.0f} hours in {took:.0f} s"
        struck = [f"{fault.value} {self.struck[fault]}" for fault in Fault]
        yield f"faults: {', '.join(struck)}"
        for kind, steps in all_steps().items():
            never = [one for one in steps if not self.covered[one]]
            yield f"covered: {len(steps) - len(never)} of {len(steps)} steps of {kind}s"
            yield from (f"    never {one}" for one in never)


def story_of(outcome: Outcome) -> Sequence[str]:
    """Tell how a world has failed, and how it is run again."""
    fate = outcome.fate
    return [
        *[f"seed {fate.seed} {violation}" for violation in outcome.violations],
        f"    again: python -m tests.simulation {fate.words} --trace",
    ]
