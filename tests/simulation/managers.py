"""Managers that are killed, stopped and frozen, and that come back."""

from collections.abc import Callable, Sequence

from attrs import frozen
from twisted.application.service import IService
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from buildd_manager.ports import IBuildStore
from buildd_manager.services.leases import register
from buildd_manager.services.works import Works
from tests.simulation.clock import Process, Timeline
from tests.simulation.diary import Diary
from tests.simulation.seats import Seat


#: Seconds after which a manager that could not start is started again, and after
#: which one that does not stop is killed.
_RESTART = 10.0
_STOP = 90.0


@frozen(eq=False)
class Life:
    """One life of a manager: its process, and what it is made of."""

    seat: Seat
    builds: IBuildStore
    works: Works

    @property
    def process(self) -> Process:
        """What may be killed, or frozen."""
        return self.seat.process

    def start(self) -> Deferred[None]:
        """Do what the program does when it is started."""
        seat = self.seat
        registered = register(self.builds, seat.manager, seat.name, "1")
        return registered.addCallback(lambda _: self._start_services())

    async def stop(self) -> None:
        """Do what the program does when it is told to end."""
        for service in reversed(self._services):
            await maybeDeferred(service.stopService)

    @property
    def _services(self) -> Sequence[IService]:
        works = self.works
        return (works.tails, works.uploads, works.farm, works.dep_waits)

    def _start_services(self) -> None:
        for service in self._services:
            service.startService()


class Manager:
    """
    A manager on a host of its own, which starts it again whenever it ends.

    :param begin: Makes a life of it, not yet started.
    """

    def __init__(
        self,
        name: str,
        begin: Callable[[], Life],
        timeline: Timeline,
        diary: Diary,
    ) -> None:
        self.name = name
        self._begin = begin
        self._timeline = timeline
        self._diary = diary
        self._life = begin()
        self._started = False

    def start(self) -> None:
        """Start it, with nothing but what the database knows; but never twice."""
        if self._started and self._life.process.alive:
            return
        self._diary.note(f"{self.name} starts")
        self._started = True
        life = self._life = self._begin()
        life.start().addErrback(self._not_started, life)

    def kill(self, pause: float) -> None:
        """Kill it, as by SIGKILL, and start it again after a pause."""
        self._diary.note(f"{self.name} is killed")
        self._end(self._life, pause)

    def freeze(self, seconds: float) -> None:
        """Stop its process for a while, as by SIGSTOP."""
        self._diary.note(f"{self.name} freezes for {seconds:.1f} s")
        self._life.process.freeze(seconds)

    def stop(self, pause: float) -> None:
        """Have it end itself, and start it again after a pause."""
        self._diary.note(f"{self.name} is told to stop")
        life = self._life
        stopped = Deferred.fromCoroutine(life.stop())
        stopped.addCallback(lambda _: self._end(life, pause))
        self._timeline.after(_STOP, self._end, life, pause)

    def _not_started(self, _: Failure, life: Life) -> None:
        self._end(life, _RESTART)

    def _end(self, life: Life, pause: float) -> None:
        if life.process.alive:
            self._diary.note(f"{self.name} ends")
            life.process.kill()
            self._timeline.after(pause, self.start)
