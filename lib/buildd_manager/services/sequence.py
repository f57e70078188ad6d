"""Start parts one after the other, and stop them in the other direction."""

from collections.abc import Callable, Iterable

from attrs import frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.errors import StartError


def _nothing() -> None:
    """Do nothing: there are parts that need no stopping."""


@frozen
class Part:
    """
    One part of a whole.

    :ivar start: Starts it; a Deferred is waited for.
    :ivar stop: Stops it, likewise; called only if it was started, or failed to.
    """

    name: str
    start: Callable[[], object]
    stop: Callable[[], object] = _nothing


class InOrder(Service):
    """
    A service of parts that need each other.

    :param parts: Gives the parts; each is asked for only when those before it have
        started, so that it may be made of what they have become.

    :param failed: Called with what went wrong if a part does not start; those
        before it have been stopped by then.
    """

    _log = Logger()

    def __init__(
        self,
        name: str,
        parts: Callable[[], Iterable[Part]],
        failed: Callable[[Failure], object] | None = None,
    ) -> None:
        self.setName(name)
        self._parts = parts
        self._failed = failed
        self._begun: list[Part] = []
        self._starting: Deferred[None] | None = None
        self._waiting: list[Deferred[None]] = []
        self._outcome: tuple[Failure | None] | None = None

    def startService(self) -> None:
        """Begin to start; :meth:`when_ready` tells the end."""
        super().startService()
        self._outcome = None
        self._starting = Deferred.fromCoroutine(self._start_all())
        self._starting.addErrback(self._excuse)

    def when_ready(self) -> Deferred[None]:
        """Fire when all parts have started, or fail with the error of one."""
        ready: Deferred[None] = Deferred()
        self._waiting.append(ready)
        self._answer()
        return ready

    def stopService(self) -> Deferred[None]:
        """Stop all parts that were started, the last one first."""
        super().stopService()
        started: Deferred[None] = Deferred()
        if self._starting is None:
            started.callback(None)
        else:
            self._starting.addCallback(started.callback)
        return started.addCallback(lambda _: Deferred.fromCoroutine(self._stop_all()))

    async def _start_all(self) -> None:
        for part in self._parts():
            if not self.running:
                raise StartError("it was stopped before it had started")
            self._begun.append(part)
            await maybeDeferred(part.start)
        self._log.info("{name} is ready", name=self.name)
        self._outcome = (None,)
        self._answer()

    async def _stop_all(self) -> None:
        while self._begun:
            part = self._begun.pop()
            try:
                await maybeDeferred(part.stop)
            except Exception:  # noqa: BLE001 - the others are to be stopped, too
                self._log.failure("{part} did not stop", part=part.name)

    async def _give_up(self, failure: Failure) -> None:
        await self._stop_all()
        self._outcome = (failure,)
        self._answer()
        if self.running:
            self._tell(failure)
            if self._failed is not None:
                self._failed(failure)

    def _tell(self, failure: Failure) -> None:
        if failure.check(StartError):
            why = failure.getErrorMessage()
            self._log.error("{name} cannot start: {why}", name=self.name, why=why)
        else:
            self._log.failure("{name} cannot start", failure, name=self.name)

    def _excuse(self, failure: Failure) -> Deferred[None]:
        return Deferred.fromCoroutine(self._give_up(failure))

    def _answer(self) -> None:
        while self._waiting and self._outcome is not None:
            self._waiting.pop().callback(self._outcome[0])
