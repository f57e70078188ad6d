"""The ends of many logs, remembered in one write."""

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.errors import StoreError
from buildd_manager.ports import IBuildStore
from buildd_manager.services.rounds import Rounds


class LogTails(Service):
    """Gathers tails from all scanners and writes those that have changed."""

    _log = Logger()

    def __init__(
        self, store: IBuildStore, clock: IReactorTime, interval: float
    ) -> None:
        self._store = store
        self._noted: dict[int, str] = {}
        self._written: dict[int, str] = {}
        self._rounds = Rounds(self.flush, self._survive, clock, interval)

    def note(self, attempt: int, tail: str) -> None:
        """Remember ``tail`` with the next write, unless it is the same as before."""
        if self._written.get(attempt) != tail:
            self._noted[attempt] = tail

    def startService(self) -> None:
        """Write every interval."""
        super().startService()
        self._rounds.start()

    def stopService(self) -> Deferred[None]:
        """Write once more."""
        super().stopService()
        return self._rounds.stop().addCallback(lambda _: self.flush())

    def flush(self) -> Deferred[None]:
        """Write what was noted; what cannot be written now is kept for the next."""
        tails, self._noted = self._noted, {}
        if not tails:
            return succeed(None)

        def done(_: None) -> None:
            # Only what was written last is kept: builds that end fall out.
            self._written = tails

        def again(failure: Failure) -> None:
            failure.trap(StoreError)
            self._noted = {**tails, **self._noted}
            self._log.warn("log tails not kept: {why}", why=failure.getErrorMessage())

        return self._store.keep_tails(tails).addCallbacks(done, again)

    def _survive(self, failure: Failure) -> None:
        self._log.failure("log tails were not written", failure)
