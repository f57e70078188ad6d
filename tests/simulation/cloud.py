"""Where virtual machines come from, as fast as it can be helped."""

from collections import Counter
from collections.abc import Mapping

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from zope.interface import implementer

from buildd_manager.domain.builders import Builder, ResetProtocol
from buildd_manager.domain.errors import CommandError
from buildd_manager.ports import ICatalogue, IResetter
from tests.simulation.chance import Chance
from tests.simulation.clock import Timeline
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.machines import Machine
from tests.simulation.rules.effects import Effects
from tests.simulation.seats import Seat


#: Seconds that a manager gives its command.
_DEADLINE = 300.0

#: Seconds between attempts to say that a machine is clean, and how many there are.
_PAUSE = 15.0
_CALLS = 20


@define
class Cloud:
    """
    Makes machines anew, and says so to those who want to know.

    What was asked for is done, even if who has asked is no more.

    :ivar _catalogue: Told of machines that are clean, by protocol 2.0.
    :ivar _asked: How often each machine was to be made anew.
    """

    _timeline: Timeline
    _chance: Chance
    _diary: Diary
    _machines: Mapping[str, Machine]
    _catalogue: ICatalogue
    _effects: Effects
    _asked: Counter[str] = field(factory=Counter)

    def reset(self, seat: Seat, builder: Builder) -> Deferred[None]:
        """Run the command of a manager."""
        self._effects.check(seat, builder.name, "reset")
        self._diary.note(f"{seat.name} > {builder.name} reset")
        self._asked[builder.name] += 1
        ended: Deferred[None] = Deferred()
        if builder.reset_protocol is ResetProtocol.V2_0:
            self._order(seat, builder.name, ended)
        else:
            self._run(seat, builder.name, ended)
        return ended

    def _run(self, seat: Seat, name: str, ended: Deferred[None]) -> None:
        if self._chance.strikes(Fault.HANG):
            self._end(seat, ended, _DEADLINE, "no end after 300 s")
        elif self._chance.strikes(Fault.BOTCH):
            self._end(seat, ended, 10.0, "no such machine")
        else:
            seconds = self._seconds()
            self._timeline.after(0.5, self._make_anew, name, seconds)
            self._end(seat, ended, 0.5 + seconds)

    def _order(self, seat: Seat, name: str, ended: Deferred[None]) -> None:
        if self._chance.strikes(Fault.BOTCH):
            self._end(seat, ended, 10.0, "no such machine")
            return
        self._end(seat, ended, 0.5)
        if not self._chance.strikes(Fault.HANG):
            seconds = self._seconds()
            self._timeline.after(1.0, self._make_anew, name, seconds)
            order = (name, self._asked[name], _CALLS)
            self._timeline.after(1.0 + seconds, self._report, *order)

    def _seconds(self) -> float:
        return self._chance.of("cloud").uniform(2, 60)

    def _make_anew(self, name: str, seconds: float) -> None:
        machine = self._machines[name]
        machine.reset()
        machine.down_until = self._timeline.seconds() + seconds
        self._diary.note(f"cloud = {name} reset")

    def _report(self, name: str, order: int, calls: int) -> None:
        """Say that a machine is clean, until somebody hears, or wants it otherwise."""
        if calls and self._asked[name] == order:
            told = self._catalogue.set_clean(name)
            told.addErrback(self._report_again, name, order, calls - 1)

    def _report_again(self, _: Failure, name: str, order: int, calls: int) -> None:
        self._timeline.after(_PAUSE, self._report, name, order, calls)

    def _end(
        self, seat: Seat, ended: Deferred[None], seconds: float, why: str | None = None
    ) -> None:
        said = (
            None if why is None else Failure(CommandError(f"Resuming failed ({why})"))
        )
        seat.process.after(seconds, _fire, ended, said)


@implementer(IResetter)
@frozen
class Console:
    """The command that a manager resets machines with."""

    _cloud: Cloud
    _seat: Seat

    def reset(self, builder: Builder) -> Deferred[None]:
        return self._cloud.reset(self._seat, builder)


def _fire(ended: Deferred[None], said: Failure | None) -> None:
    if not ended.called:
        ended.callback(said)
