"""Workers that crash, lie and break, and that remember what really ran on them."""

from collections.abc import Callable, Mapping
from typing import cast

from attrs import evolve, frozen
from twisted.internet.defer import Deferred

from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.buildd import SimulatedBuildd, error, nowhere
from buildd_manager.testing.buildd_plans import Job, Plan
from tests.simulation import lies
from tests.simulation.chance import Chance
from tests.simulation.clock import Process, Timeline
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.jobs import Kind, kind_of, plan_of
from tests.simulation.places import Lemon, Place


@frozen(kw_only=True)
class Kit:
    """
    What machines are made of.

    :ivar others: All machines of the farm, by the name of the builder.
    """

    timeline: Timeline
    chance: Chance
    diary: Diary
    fetch: Callable[[str], Deferred[bytes]]
    others: Mapping[str, "Machine"]


#: What is in a snapshot of a machine, but for its files and its job. Whether it was
#: used since it was last cleaned is not: to clean it is all that a manager can do.
_ROLLED_BACK = ("_state", "_name", "_emptied", "_outcome", "_results", "_source")


class Machine(SimulatedBuildd):
    """
    A worker; a virtual one is used up by a job until it was made anew.

    :ivar name: Its builder's.
    :ivar is_virtual: Whether it has to be made anew after each job.
    :ivar lemon: What is wrong with it, if it never works.
    :ivar busy_until: When it is done fetching a file: it answers nothing meanwhile.
    :ivar down_until: When it is there again.
    :ivar began: Since when launchpad-buildd runs.
    """

    def __init__(self, process: Process, kit: Kit, place: Place) -> None:
        self.name = place.name
        self.lemon = place.lemon
        self.busy_until = 0.0
        self.down_until = 0.0
        self._process = process
        self._kit = kit
        self.is_virtual = place.protocol is not None
        self._used = False
        self._source = ""
        super().__init__(process, self._plan, self._get_file)

    def restart(self) -> None:
        """Start launchpad-buildd anew; on a real machine, that is clean enough."""
        super().restart()
        self.began = self._kit.timeline.seconds()
        self._used = self._used and self.is_virtual

    def reset(self) -> None:
        """Make it anew."""
        super().reset()
        self._used = False

    def snapshot(self) -> Callable[[], None]:
        """Remember all of it; what is given makes it once more as it is now."""
        self._catch_up()
        taken, cache = self._process.seconds(), dict(self.cache)
        kept = {name: getattr(self, name) for name in _ROLLED_BACK}
        job = None if self._job is None else evolve(self._job)

        def restore() -> None:
            vars(self).update(kept)
            self.cache = dict(cache)
            self._job = job and _later(job, self._process.seconds() - taken)
            if self._job is not None:
                self._go_on(self._job.cookie)

        return restore

    def kill_build(self) -> None:
        """Kill the process of the job that runs, if any."""
        self._catch_up()
        if self._job is not None and self._job.plan is not None:
            self._job.plan = evolve(self._job.plan, verdict=None)

    @property
    def results(self) -> Mapping[str, str]:
        """The sums of what it has made."""
        return self._results

    @property
    def job(self) -> str:
        """What its job is called; empty if it has none."""
        return self._name

    def status(self) -> dict[str, Value]:
        chance = self._kit.chance
        honest = super().status()
        if chance.strikes(Fault.LIE):
            return cast("dict[str, Value]", lies.lie(self._name, chance.of("lies")))
        busy = [other for other in self._kit.others.values() if other.job]
        if busy and chance.strikes(Fault.THEFT):
            other = chance.of("lies").choice(busy)
            said = lies.theft(other.job, dict(other.results), chance.of("lies"))
            return cast("dict[str, Value]", said)
        return honest

    def build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> list[Value]:
        if self.lemon is Lemon.REFUSING:
            raise error()
        self._source = next(iter(files))
        begun = len(self.begun)
        said = super().build(cookie, tag, chroot, files, told)
        if len(self.begun) > begun:
            self._check_clean(cookie)
            self._used = True
            self._go_on(cookie)
        return said

    def _check_clean(self, cookie: str) -> None:
        if self._used:
            self._kit.diary.violate("I5", f"{cookie} began on {self.name}, uncleaned")
        if cookie in self.begun[:-1]:
            self._kit.diary.violate("I1", f"{cookie} began on {self.name} twice")

    def _go_on(self, cookie: str) -> None:
        crashes = self.lemon is Lemon.CRASHING
        if crashes or kind_of(self._source) is Kind.CRASHING:
            delay = self._kit.chance.of("jobs").uniform(1, 60)
            self._process.after(delay, self._crash, cookie)

    def _crash(self, cookie: str) -> None:
        if self._job is not None and self._job.cookie == cookie:
            self.restart()

    def _plan(self, cookie: str) -> Plan:
        plan = plan_of(self._source, self._kit.chance.of("jobs"))
        match self.lemon:
            case Lemon.FAILING:
                return evolve(plan, verdict=Verdict.BUILDERFAIL)
            case Lemon.HANGING:
                return evolve(plan, verdict=None)
            case _:
                return plan

    def _get_file(self, url: str) -> Deferred[bytes]:
        if self.lemon is Lemon.FETCHLESS:
            return nowhere(url)
        seconds = self._kit.chance.of("fetching").choice((0.5, 3.0, 20.0))
        self.busy_until = self._kit.timeline.seconds() + seconds
        return self._kit.fetch(url)


def _later(job: Job, seconds: float) -> Job:
    """Go on with a job that has not run for a while."""
    aborted = None if job.aborted is None else job.aborted + seconds
    return evolve(job, began=job.began + seconds, aborted=aborted)
