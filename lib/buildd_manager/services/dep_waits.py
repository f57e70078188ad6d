"""Have builds attempted once more when what they waited for has been published."""

from collections.abc import Callable

from attrs import define, field, frozen
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.dependencies import (
    Expression,
    UnparsableDependenciesError,
    parse,
    unmet,
)
from buildd_manager.domain.errors import ConflictError, StoreUnavailableError
from buildd_manager.domain.queue import DepWait
from buildd_manager.ports import IQueue
from buildd_manager.services.rounds import PATIENCE, Rounds


#: Seconds between looks, at least, however much is published.
PAUSE = 10.0

#: Seconds; nobody waits longer for another try.
LONGEST = 86400.0


class DepWaits(Service):
    """
    Looks, again and again, whether builds that wait for packages may go on.

    :param changed: Called when a build waits for a builder again.
    """

    _log = Logger()

    def __init__(
        self,
        queue: IQueue,
        changed: Callable[[], None],
        clock: IReactorTime,
        interval: float,
    ) -> None:
        self._queue = queue
        self._changed = changed
        self._clock = clock
        self._tries = _Tries(clock, interval)
        self._unparsable: set[tuple[int, str]] = set()
        self._rested = 0.0
        self._woken: IDelayedCall | None = None
        self._rounds = Rounds(self._begin, self._survive, clock, interval)

    def startService(self) -> None:
        """Look every interval."""
        super().startService()
        self._rounds.start()

    def stopService(self) -> Deferred[None]:
        """Look no more; fires when the look in hand has ended, or soon."""
        super().stopService()
        if self._woken is not None and self._woken.active():
            self._woken.cancel()
        return self._rounds.stop(PATIENCE)

    def wake(self) -> None:
        """Look soon: something was published."""
        if self.running and (self._woken is None or not self._woken.active()):
            delay = max(0.0, self._rested - self._clock.seconds())
            self._woken = self._clock.callLater(delay, self._rounds.wake)

    def _begin(self) -> Deferred[None]:
        self._rested = self._clock.seconds() + PAUSE
        return Deferred.fromCoroutine(self._look_at_all())

    async def _look_at_all(self) -> None:
        waits = await self._queue.dep_waits()
        # What nobody waits for any more need not be remembered.
        self._unparsable &= {(wait.build, wait.dependencies) for wait in waits}
        for wait in waits:
            if self.running and (expression := self._parse(wait)) is not None:
                looking = Deferred.fromCoroutine(self._look_at(wait, expression))
                await looking.addErrback(self._go_on, wait)

    def _parse(self, wait: DepWait) -> Expression | None:
        """Read what a build waits for; what nobody can read is told once."""
        try:
            return parse(wait.dependencies)
        except UnparsableDependenciesError as error:
            if (wait.build, wait.dependencies) not in self._unparsable:
                self._unparsable.add((wait.build, wait.dependencies))
                self._log.warn(
                    "build {build} waits for what nobody understands: {fault}",
                    build=wait.build,
                    fault=error.fault,
                )
            return None

    async def _look_at(self, wait: DepWait, expression: Expression) -> None:
        found = await self._queue.published(wait, sorted(expression.names))
        left = unmet(expression, lambda name: found.get(name, ()))
        if not left.groups:
            await self._retry(wait)
        elif left != expression:
            await self._queue.still_waits(wait.build, str(left))

    async def _retry(self, wait: DepWait) -> None:
        if self._tries.is_due(wait):
            await self._queue.retry(wait.build)
            self._tries.note(wait)
            self._log.info("build {build} has what it waited for", build=wait.build)
            self._changed()

    def _go_on(self, failure: Failure, wait: DepWait) -> None:
        """Let one build not keep us from the others."""
        if failure.check(CancelledError, StoreUnavailableError):
            failure.raiseException()
        if failure.check(ConflictError):
            self._log.info("not retried: {why}", why=failure.getErrorMessage())
        else:
            self._log.failure("build {build} is passed over", failure, build=wait.build)

    def _survive(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._log.failure("dependencies were not looked at for now", failure)


@frozen
class _Try:
    dependencies: str
    due: float
    pause: float


@define
class _Tries:
    """
    What was retried of late: what comes back for the same reason waits ever longer.

    A worker may not see what is published, or may say that it waits for what is there.
    """

    _clock: IReactorTime
    _pause: float
    _last: dict[int, _Try] = field(factory=dict)

    def is_due(self, wait: DepWait) -> bool:
        """Tell whether a build may be retried."""
        last = self._last.get(wait.build)
        if last is None or last.dependencies != wait.dependencies:
            return True
        return self._clock.seconds() >= last.due

    def note(self, wait: DepWait) -> None:
        """Remember that a build was retried."""
        now, last = self._clock.seconds(), self._last.get(wait.build)
        pause = self._pause
        if last is not None and last.dependencies == wait.dependencies:
            pause = min(last.pause * 2, LONGEST)
        for build in [b for b, one in self._last.items() if one.due < now - LONGEST]:
            del self._last[build]
        self._last[wait.build] = _Try(wait.dependencies, now + pause, pause)
