"""Carry out what was decided, step by step, on one builder."""

from typing import assert_never

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.steps import (
    Abandon,
    AbortWorker,
    CleanWorker,
    Collect,
    Dispatch,
    FailBuilder,
    KeepTail,
    KeepVersion,
    MarkClean,
    ResetBuilder,
    Step,
)
from buildd_manager.ports import IBuildStore, IResetter
from buildd_manager.services.collecting import Collecting, Finished
from buildd_manager.services.dispatching import Dispatching
from buildd_manager.services.log_tails import LogTails
from buildd_manager.services.visits import Visit


@frozen
class Performer:
    """The hands of the farm: they do as told and decide nothing."""

    _store: IBuildStore
    _dispatching: Dispatching
    _collecting: Collecting
    _tails: LogTails
    _resetter: IResetter

    _log = Logger()

    def perform(self, visit: Visit, steps: tuple[Step, ...]) -> Deferred[None]:
        """Carry out ``steps`` in order; the first failure ends them all."""
        return Deferred.fromCoroutine(self._perform_all(visit, steps))

    async def _perform_all(self, visit: Visit, steps: tuple[Step, ...]) -> None:
        for step in steps:
            visit.check()
            await self._perform(visit, step)

    def _perform(self, visit: Visit, step: Step) -> Deferred[None]:  # noqa: C901, PLR0911 - a table
        match step:
            case Dispatch():
                return self._dispatching.dispatch(visit)
            case KeepTail(assignment, text):
                return self._note(assignment.attempt, text)
            case Collect(assignment, finished):
                return self._collecting.collect(Finished(visit, assignment, finished))
            case Abandon(assignment, reason):
                return self._abandon(visit, assignment.attempt, reason)
            case FailBuilder(notes):
                return self._fail(visit, notes)
            case AbortWorker():
                return visit.worker.abort()
            case CleanWorker():
                return visit.worker.clean()
            case ResetBuilder():
                return self._reset(visit)
            case MarkClean():
                return self._store.set_clean(visit.lease, CleanState.CLEAN)
            case KeepVersion(version):
                return self._store.keep_version(visit.lease, version)
            case _:
                assert_never(step)

    def _note(self, attempt: int, tail: str) -> Deferred[None]:
        self._tails.note(attempt, tail)
        return succeed(None)

    def _abandon(self, visit: Visit, attempt: int, reason: str) -> Deferred[None]:
        self._log.warn(
            "{builder}: attempt {attempt} is abandoned: {reason}",
            builder=visit.builder.name,
            attempt=attempt,
            reason=reason,
        )
        return self._store.abandon(visit.lease, attempt, reason)

    def _fail(self, visit: Visit, notes: str) -> Deferred[None]:
        self._log.warn("***** {builder} has failed *****", builder=visit.builder.name)
        return self._store.fail_builder(visit.lease, notes)

    def _reset(self, visit: Visit) -> Deferred[None]:
        chain = self._store.set_clean(visit.lease, CleanState.CLEANING)
        chain.addCallback(lambda _: self._resetter.reset(visit.builder))
        # The first packet after a reset tends to get lost: send one to lose.
        chain.addCallback(lambda _: visit.worker.echo("ping"))
        return chain.addCallback(
            lambda _: self._store.set_clean(visit.lease, CleanState.CLEAN)
        )
