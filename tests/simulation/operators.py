"""Those who look after machines."""

from collections.abc import Mapping

from attrs import frozen

from tests.simulation.clock import Timeline
from tests.simulation.diary import Diary
from tests.simulation.facts import Facts
from tests.simulation.machines import Machine


#: Seconds between rounds.
_PAUSE = 300.0


@frozen(kw_only=True)
class Operator:
    """
    Restarts launchpad-buildd where a builder is out of use, as its notes ask for.

    Virtual machines are left to those who make them anew.
    """

    timeline: Timeline
    diary: Diary
    facts: Facts
    machines: Mapping[str, Machine]

    def begin(self) -> None:
        """Begin to go from machine to machine."""
        self.timeline.after(_PAUSE, self._look_after_all)

    def _look_after_all(self) -> None:
        for builder in self.facts.builders():
            machine = self.machines[builder.name]
            if not builder.ok and not machine.is_virtual:
                self.diary.note(f"operator restarts {builder.name}")
                machine.restart()
        self.begin()
