"""Trouble that comes at times of its own."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import define

from tests.simulation.chance import Chance
from tests.simulation.clock import Process, Timeline
from tests.simulation.database import Database
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.machines import Machine
from tests.simulation.managers import Manager
from tests.simulation.network import Network


#: Seconds between troubles, on average.
_PAUSE = 45.0

#: The most seconds by which the database's clock is set, either way.
_JUMP = 180.0
_LEAP = 86400.0

T = TypeVar("T")


@define(kw_only=True)
class Nemesis:
    """
    Brings trouble upon managers, machines and the database.

    :ivar _leapt_back: Seconds by which the database's clock has leapt back in all.
    """

    timeline: Timeline
    chance: Chance
    diary: Diary
    network: Network
    database: Database
    clock: Process
    managers: Sequence[Manager]
    machines: Sequence[Machine]
    _leapt_back: float = 0.0

    def begin(self) -> None:
        """Begin to bring trouble."""
        pause = self.chance.of("nemesis").expovariate(1 / _PAUSE)
        self.timeline.after(pause, self._strike)

    def heal(self) -> None:
        """Bring no more; what was parted is joined, and what was down is up."""
        self._mend_all()
        self.database.heal()
        if self._leapt_back:
            # What is to happen at some time has happened, without days of waiting.
            self._jump(self._leapt_back)

    def _strike(self) -> None:
        fault = self.chance.of("nemesis").choice(list(self._blows))
        if self.chance.may(fault):
            self.chance.struck[fault] += 1
            self._blows[fault]()
        self.begin()

    @property
    def _blows(self) -> dict[Fault, Callable[[], None]]:
        return {
            Fault.KILL: lambda: self._manager().kill(self._pause(1, 120)),
            Fault.STOP: lambda: self._manager().stop(self._pause(1, 60)),
            Fault.FREEZE: lambda: self._manager().freeze(self._pause(10, 300)),
            Fault.PARTITION: self._part,
            Fault.RESTART: lambda: self._restart(self._one(self.machines)),
            Fault.REBOOT: lambda: self._reboot(self._one(self.machines)),
            Fault.ROLLBACK: lambda: self._photograph(self._one(self.machines)),
            Fault.WEDGE: lambda: self._wedge(self._one(self.machines)),
            Fault.OUTAGE: self._fall,
            Fault.JUMP: lambda: self._jump(self._pause(-_JUMP, _JUMP)),
            Fault.LEAP: self._leap,
        }

    def _part(self) -> None:
        """Cut some managers off from some machines, and join them one by one."""
        random = self.chance.of("nemesis")
        managers = random.sample(self.managers, random.randint(1, len(self.managers)))
        machines = random.sample(self.machines, random.randint(1, len(self.machines)))
        for manager in managers:
            for machine in machines:
                self.diary.note(f"{manager.name} | {machine.name}")
                self.network.part(manager.name, machine.name)
                self.timeline.after(
                    random.uniform(5, 200),
                    self.network.mend,
                    manager.name,
                    machine.name,
                )

    def _mend_all(self) -> None:
        for manager in self.managers:
            for machine in self.machines:
                self.network.mend(manager.name, machine.name)

    def _restart(self, machine: Machine) -> None:
        self.diary.note(f"{machine.name} is restarted")
        machine.restart()
        machine.down_until = self.timeline.seconds() + self._pause(1, 30)

    def _reboot(self, machine: Machine) -> None:
        self.diary.note(f"{machine.name} is rebooted")
        machine.reset()
        machine.down_until = self.timeline.seconds() + self._pause(10, 120)

    def _photograph(self, machine: Machine) -> None:
        """
        Take a snapshot of a machine that has a job, and go back to it later.

        Mostly somebody does so because the machine has crashed meanwhile.
        """
        if machine.job:
            back, pause = machine.snapshot(), self._pause(60, 900)
            self.timeline.after(pause, self._roll_back, machine, back)
            if self.chance.of("nemesis").random() < 0.7:
                self.timeline.after(self._pause(0, pause), self._crash, machine)

    def _crash(self, machine: Machine) -> None:
        if self.chance.may(Fault.ROLLBACK):
            self._restart(machine)

    def _roll_back(self, machine: Machine, back: Callable[[], None]) -> None:
        if self.chance.may(Fault.ROLLBACK):
            self.diary.note(f"{machine.name} is rolled back")
            back()

    def _wedge(self, machine: Machine) -> None:
        self.diary.note(f"{machine.name}: its build is killed")
        machine.kill_build()

    def _fall(self) -> None:
        self.diary.note("the database is down")
        self.database.is_down = True
        self.timeline.after(self._pause(5, 120), self._rise)

    def _rise(self) -> None:
        self.database.is_down = False

    def _jump(self, seconds: float) -> None:
        self.diary.note(f"the database's clock jumps by {seconds:.1f} s")
        self.clock.jump(seconds)

    def _leap(self) -> None:
        seconds = self._one((-_LEAP, _LEAP))
        self._leapt_back -= min(seconds, 0.0)
        self._jump(seconds)

    def _manager(self) -> Manager:
        return self._one(self.managers)

    def _one(self, of: Sequence[T]) -> T:
        return self.chance.of("nemesis").choice(of)

    def _pause(self, shortest: float, longest: float) -> float:
        return self.chance.of("nemesis").uniform(shortest, longest)
