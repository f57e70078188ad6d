"""All that may happen to a farm."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.machine.building import Building
from tests.machine.people import People
from tests.machine.scene import BUILDERS, which


#: A build that has gone three steps is running.
_steps = st.lists(
    st.sampled_from([0, 2, 3, 3, 3, 4, 6]),
    min_size=len(BUILDERS),
    max_size=len(BUILDERS),
)


class FarmMachine(Building, People):
    """All that managers and people may do, in any order, to a farm at work."""

    @initialize(steps=_steps)
    def begin(self, steps: list[int]) -> None:
        """Set the farm up, and have each builder go so many steps."""
        self.found()
        for builder, times in enumerate(steps):
            self.go_well(n=builder, steps=times)

    @rule(n=which)
    def ask_again(self, n: int) -> None:
        """Nobody knows whether something was done, so it is asked for once more."""
        ago = n * n // 300 % len(self.asked)
        what, question = self.asked[-1 - ago]
        # Who does not know what became of a claim looks, and claims with a new nonce.
        if what != "claim":
            self.ask(what, question)
