"""The network between managers and workers: slow, lossy, late and divided."""

from collections.abc import Callable
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from buildd_manager.domain.errors import WorkerUnreachableError
from tests.simulation.chance import Chance
from tests.simulation.clock import Timeline
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.machines import Machine
from tests.simulation.places import Lemon
from tests.simulation.seats import Seat


#: Seconds that a packet takes, if nothing is wrong.
_LATENCIES = (0.001, 0.01, 0.1, 0.5)


@frozen(kw_only=True)
class Call:
    """
    A call to a worker.

    :ivar name: For people.
    :ivar do: Does it, once it has arrived.
    :ivar patience: Seconds after which the caller gives up.
    :ivar silence: The error that the caller sees then.
    """

    name: str
    do: Callable[[], Deferred[Any]]
    patience: float = 30.0
    silence: type[Exception] = WorkerUnreachableError


class Network:
    """Carries calls, or loses them."""

    def __init__(self, timeline: Timeline, chance: Chance, diary: Diary) -> None:
        self.timeline = timeline
        self.chance = chance
        self.diary = diary
        self._parted: set[tuple[str, str]] = set()

    def part(self, manager: str, machine: str) -> None:
        """Let nothing pass between two hosts any more."""
        self._parted.add((manager, machine))

    def mend(self, manager: str, machine: str) -> None:
        """Let everything pass again."""
        self._parted.discard((manager, machine))

    def latency(self) -> float:
        """Choose how long a packet takes."""
        if self.chance.strikes(Fault.SLOW):
            return self.chance.of("latency").uniform(1, 25)
        return self.chance.of("latency").choice(_LATENCIES)

    def passes(self, seat: Seat, machine: Machine) -> bool:
        """Tell whether a packet gets through now."""
        deaf = machine.lemon is Lemon.DEAF
        return not deaf and (seat.name, machine.name) not in self._parted

    def carry(self, seat: Seat, machine: Machine, call: Call) -> Deferred[Any]:
        """Carry a call to a worker, and its answer back, as far as that is possible."""
        answered: Deferred[Any] = Deferred()
        sent = self.timeline.seconds()
        _Exchange(self, seat, machine, call, answered, sent).begin()
        return answered


@frozen(eq=False)
class _Exchange:
    """One call, on its way."""

    _network: Network
    _seat: Seat
    _machine: Machine
    _call: Call
    _answered: Deferred[Any]
    _sent: float

    def begin(self) -> None:
        chance, delay = self._network.chance, self._network.latency()
        self._note(">")
        self._seat.process.callLater(self._call.patience, self._give_up)
        late = chance.strikes(Fault.LATE)
        if late:
            delay += chance.of("latency").uniform(20, 200)
        elif chance.strikes(Fault.DROP) or not self._passes():
            return
        self._network.timeline.after(delay, self._arrive, late)

    def _arrive(self, late: bool) -> None:
        now, machine = self._network.timeline.seconds(), self._machine
        if not (late or self._passes()) or self._is_cut():
            return
        if machine.busy_until > now:
            wait = machine.busy_until - now
            self._network.timeline.after(wait, self._arrive, late)
        elif machine.down_until > now:
            refused = Failure(WorkerUnreachableError("connection refused"))
            self._seat.process.after(self._network.latency(), self._hear, refused)
        else:
            self._note("!" if late else "=")
            maybeDeferred(self._call.do).addBoth(self._reply)

    def _reply(self, said: Any) -> None:
        if self._network.chance.strikes(Fault.MUTE) or not self._passes():
            return
        # A worker that fetches a file answers when it has it.
        busy = max(0.0, self._machine.busy_until - self._network.timeline.seconds())
        delay = busy + self._network.latency()
        self._seat.process.after(delay, self._hear, said)

    def _hear(self, said: Any) -> None:
        if not self._answered.called:
            self._note("<")
            self._answered.callback(said)

    def _give_up(self) -> None:
        if not self._answered.called:
            self._note("?")
            self._answered.errback(self._call.silence(f"{self._call.name}: silence"))

    def _is_cut(self) -> bool:
        """A connection ends with the worker, and nobody makes it anew in vain."""
        given_up = self._answered.called or not self._seat.process.alive
        return given_up and self._machine.began > self._sent

    def _passes(self) -> bool:
        return self._network.passes(self._seat, self._machine)

    def _note(self, mark: str) -> None:
        names = f"{self._seat.name} {mark} {self._machine.name}"
        self._network.diary.note(f"{names} {self._call.name}")
