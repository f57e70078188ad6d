"""Carry out what was decided, step by step, on one builder."""

from typing import assert_never

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.steps import (
    AbortWorker,
    CleanWorker,
    Collect,
    Dispatch,
    Introduce,
    KeepTail,
    MarkClean,
    MarkCleaning,
    PutOnTrial,
    RequestReset,
    Rescue,
    ResetBuilder,
    SaveLog,
    Settle,
    Step,
    Stop,
)
from buildd_manager.ports import IBuildStore
from buildd_manager.services.collecting import Collecting, Finished
from buildd_manager.services.dispatching import Dispatching
from buildd_manager.services.log_tails import LogTails
from buildd_manager.services.renewing import Renewing
from buildd_manager.services.settling import Settling
from buildd_manager.services.visits import Visit


@frozen
class Performer:
    """The hands of the farm: they do as told and decide nothing."""

    _store: IBuildStore
    _dispatching: Dispatching
    _collecting: Collecting
    _settling: Settling
    _tails: LogTails
    _renewing: Renewing

    _log = Logger()

    def perform(self, visit: Visit, steps: tuple[Step, ...]) -> Deferred[None]:
        """Carry out ``steps`` in order; the first failure ends them all."""
        return Deferred.fromCoroutine(self._perform_all(visit, steps))

    async def _perform_all(self, visit: Visit, steps: tuple[Step, ...]) -> None:
        for step in steps:
            visit.check()
            await self._perform(visit, step)

    def _perform(self, visit: Visit, step: Step) -> Deferred[None]:  # noqa: C901, PLR0911, PLR0912 - a table
        store, lease = self._store, visit.lease
        match step:
            case Introduce(version):
                return self._renewing.introduce(visit, version)
            case Dispatch():
                return self._dispatching.dispatch(visit)
            case KeepTail(assignment, text):
                return self._note(assignment.attempt, text)
            case Stop(assignment, cause):
                return self._stop(visit, assignment.attempt, cause)
            case Collect():
                return self._collecting.collect(Finished(visit, step))
            case SaveLog(assignment):
                return self._collecting.save_log(visit, assignment)
            case Settle(judged, ruling):
                return self._settling.settle(visit.builder, lease, judged, ruling)
            case Rescue(cookie, reason):
                return self._tell_rescue(visit, cookie, reason)
            case AbortWorker():
                return visit.worker.abort()
            case CleanWorker():
                return visit.worker.clean()
            case ResetBuilder():
                return self._renewing.reset(visit)
            case RequestReset():
                return self._renewing.request_reset(visit)
            case MarkClean():
                return self._renewing.say(visit, CleanState.CLEAN)
            case MarkCleaning():
                return self._renewing.say(visit, CleanState.CLEANING)
            case PutOnTrial():
                return store.put_on_trial(lease)
            case _:
                assert_never(step)

    def _stop(self, visit: Visit, attempt: int, cause: Cause) -> Deferred[None]:
        chain = self._store.stopping(visit.lease, attempt, cause)
        chain.addCallback(lambda _: visit.check())
        return chain.addCallback(lambda _: visit.worker.abort())

    def _note(self, attempt: int, tail: str) -> Deferred[None]:
        self._tails.note(attempt, tail)
        return succeed(None)

    def _tell_rescue(self, visit: Visit, cookie: str, reason: str) -> Deferred[None]:
        self._log.warn(
            "Builder '{builder}' rescued from '{cookie}: {reason}'",
            builder=visit.builder.name,
            cookie=readable_name(cookie),
            reason=reason,
        )
        return succeed(None)


def readable_name(cookie: str) -> str:
    """Make a name that a worker has said fit for a log."""
    return ascii(cookie[:80])[1:-1]
