"""Who does what, in PostgreSQL: every promise one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from attrs import frozen
from psycopg2 import IntegrityError
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.adapters.postgres import (
    attempts,
    claiming,
    ending,
    leases,
    looking,
    origins,
    trials,
)
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.blame import Ruling
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.origins import Origin
from buildd_manager.domain.results import Result
from buildd_manager.ports import IBuildStore


P = ParamSpec("P")
T = TypeVar("T")


@implementer(IBuildStore)
@frozen
class PostgresBuildStore:
    """Builders, attempts and results as rows."""

    _pool: Pool

    def register(
        self, manager: str, name: str, version: str
    ) -> Deferred[Mapping[int, int]]:
        return self._run(leases.register, manager, name, version)

    def lease(self, manager: str, seconds: float) -> Deferred[Mapping[int, int]]:
        return self._run(leases.lease, manager, seconds)

    def release(self, manager: str, epochs: Mapping[int, int]) -> Deferred[None]:
        return self._run(leases.release, manager, epochs)

    def look(self, builder: int) -> Deferred[tuple[Builder, Assignment | None]]:
        return self._run(looking.look, builder)

    def origin_of(self, builder: int, name: str) -> Deferred[Origin]:
        return self._run(origins.origin_of, builder, name)

    def introduce(self, lease: Lease, version: str | None) -> Deferred[None]:
        return self._run(trials.introduce, lease, version)

    def claim(self, lease: Lease, nonce: str) -> Deferred[Assignment | None]:
        return self._run(claiming.claim, lease, nonce)

    def started(self, lease: Lease, attempt: int) -> Deferred[None]:
        return self._run(attempts.started, lease, attempt)

    def gathering(self, lease: Lease, attempt: int) -> Deferred[None]:
        return self._run(attempts.gathering, lease, attempt)

    def stopping(self, lease: Lease, attempt: int, cause: Cause) -> Deferred[None]:
        return self._run(attempts.stopping, lease, attempt, cause)

    def keep_log(self, lease: Lease, attempt: int, log: StoredFile) -> Deferred[None]:
        return self._run(attempts.keep_log, lease, attempt, log)

    def settle(
        self, lease: Lease, attempt: int | None, ruling: Ruling
    ) -> Deferred[None]:
        return self._run(ending.settle, lease, attempt, ruling)

    def record(self, lease: Lease, attempt: int, result: Result) -> Deferred[None]:
        return self._run(ending.record, lease, attempt, result)

    def set_clean(
        self, lease: Lease, before: CleanState, after: CleanState
    ) -> Deferred[None]:
        return self._run(trials.set_clean, lease, before, after)

    def put_on_trial(self, lease: Lease) -> Deferred[None]:
        return self._run(trials.put_on_trial, lease)

    def keep_tails(self, tails: Mapping[int, str]) -> Deferred[None]:
        return self._run(attempts.keep_tails, tails)

    def _run(
        self,
        work: Callable[Concatenate[Any, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Deferred[T]:
        running = self._pool.run(lambda cursor: work(cursor, *args, **kwargs))
        return running.addErrback(_overtaken)


def _overtaken(failure: Any) -> Any:
    """A unique index says no: somebody else was first."""
    failure.trap(IntegrityError)
    raise OvertakenError(str(failure.value).splitlines()[0]) from failure.value
