"""Who does what, in PostgreSQL: every promise one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from attrs import frozen
from psycopg2 import IntegrityError
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.adapters.postgres import rows
from buildd_manager.adapters.postgres import statements as sql
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import (
    LeaseLostError,
    NotFoundError,
    OvertakenError,
)
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.results import Result
from buildd_manager.ports import IBuildStore


T = TypeVar("T")


@implementer(IBuildStore)
@frozen
class PostgresBuildStore:
    """Builders, attempts and results as rows."""

    _pool: Pool

    def register(self, manager: str, name: str, version: str) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await cursor.execute(sql.REGISTER, (manager, name, version))
            await cursor.execute(sql.RELEASE, (manager,))

        return self._pool.run(work)

    def lease(self, manager: str, seconds: float) -> Deferred[Mapping[int, int]]:
        async def work(cursor: Any) -> Mapping[int, int]:
            await cursor.execute(sql.HEARTBEAT, (manager,))
            await cursor.execute(sql.RENEW, (seconds, manager))
            await cursor.execute(sql.ACQUIRE, (manager, seconds))
            await cursor.execute(sql.HELD, (manager,))
            return dict(cursor.fetchall())

        return self._pool.run(work)

    def release(self, manager: str) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await cursor.execute(sql.RELEASE, (manager,))

        return self._pool.run(work)

    def look(self, builder: int) -> Deferred[tuple[Builder, Assignment | None]]:
        async def work(cursor: Any) -> tuple[Builder, Assignment | None]:
            await cursor.execute(sql.BUILDER, (builder,))
            if (row := cursor.fetchone()) is None:
                raise NotFoundError(
                    "builder", f"there is no builder {builder}", "add it"
                )
            return rows.builder(row), await _live_assignment(cursor, builder)

        return self._pool.run(work)

    def claim(self, lease: Lease, nonce: str) -> Deferred[Assignment | None]:
        async def work(cursor: Any) -> Assignment | None:
            clean, ok = await _fence(cursor, lease)
            await _refuse_live(cursor, lease)
            if CleanState(clean) is not CleanState.CLEAN or not ok:
                raise OvertakenError(f"builder {lease.builder} is not clean and ok")
            await cursor.execute(sql.BEST, (lease.builder,))
            if (best := cursor.fetchone()) is None:
                return None
            await _claim(cursor, lease, Cookie(best[1], best[0], nonce))
            return await _live_assignment(cursor, lease.builder)

        return self._run(work)

    def started(self, lease: Lease, attempt: int) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            build = await _change(cursor, lease, attempt, sql.STARTED)
            await _must(cursor, sql.BUILD_STARTED, (build,))

        return self._run(work)

    def gathering(self, lease: Lease, attempt: int) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            build = await _change(cursor, lease, attempt, sql.GATHERING)
            await _must(cursor, sql.BUILD_GATHERING, (build,))

        return self._run(work)

    def abandon(self, lease: Lease, attempt: int, reason: str) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            build = await _change(cursor, lease, attempt, sql.ABANDON, reason)
            await _must(cursor, sql.BUILD_AGAIN, (build,))
            await cursor.execute(sql.QUEUE_AGAIN, (build,))

        return self._run(work)

    def record(self, lease: Lease, attempt: int, result: Result) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            verdict = result.verdict.value
            build = await _change(cursor, lease, attempt, sql.RECORD, verdict)
            await cursor.execute(sql.ADD_RESULT, (result.log.alias, attempt))
            files = [file.alias for file in result.files]
            await cursor.execute(sql.ADD_RESULT_FILES, (attempt, files))
            if result.state is BuildState.UPLOADING:
                await cursor.execute(sql.ADD_UPLOAD, (attempt, lease.owner))
            ended = (result.state.value, result.dependencies, build)
            await _must(cursor, sql.BUILD_ENDED, ended)
            await cursor.execute(sql.DEQUEUE, (build,))

        return self._run(work)

    def set_clean(self, lease: Lease, clean: CleanState) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await _fence(cursor, lease)
            await _refuse_live(cursor, lease)
            await cursor.execute(sql.SET_CLEAN, (clean.value, lease.builder))

        return self._run(work)

    def fail_builder(self, lease: Lease, notes: str) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await _fence(cursor, lease)
            await cursor.execute(sql.FAIL_BUILDER, (notes, lease.builder))
            await _audit(cursor, lease, None, "builder failed", notes)

        return self._run(work)

    def keep_version(self, lease: Lease, version: str) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await _fence(cursor, lease)
            await cursor.execute(sql.KEEP_VERSION, (version, lease.builder))

        return self._run(work)

    def keep_tails(self, tails: Mapping[int, str]) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await cursor.execute(sql.KEEP_TAILS, (list(tails), list(tails.values())))

        return self._run(work)

    def _run(self, work: Callable[[Any], Awaitable[T]]) -> Deferred[T]:
        running: Deferred[T] = self._pool.run(work)
        return running.addErrback(_overtaken)


def _overtaken(failure: Any) -> Any:
    """A unique index says no: somebody else was first."""
    failure.trap(IntegrityError)
    raise OvertakenError(str(failure.value).splitlines()[0]) from failure.value


async def _fence(cursor: Any, lease: Lease) -> tuple[str, bool]:
    await cursor.execute(sql.FENCE, (lease.builder, lease.owner, lease.epoch))
    if (row := cursor.fetchone()) is None:
        raise LeaseLostError(f"builder {lease.builder} is not ours")
    return row[0], row[1]


async def _must(cursor: Any, statement: str, values: tuple[object, ...]) -> None:
    await cursor.execute(statement, values)
    if cursor.rowcount != 1:
        raise OvertakenError("the build has left the state that this starts from")


async def _refuse_live(cursor: Any, lease: Lease) -> None:
    await cursor.execute(sql.HAS_LIVE, (lease.builder,))
    if cursor.rowcount:
        raise OvertakenError(f"builder {lease.builder} has a live attempt")


async def _live_assignment(cursor: Any, builder: int) -> Assignment | None:
    await cursor.execute(sql.LIVE_ASSIGNMENT, (builder,))
    row = cursor.fetchone()
    return None if row is None else rows.assignment(row)


async def _claim(cursor: Any, lease: Lease, cookie: Cookie) -> None:
    await cursor.execute(sql.TAKE_QUEUE, (lease.builder, cookie.queue))
    await _must(cursor, sql.TAKE_BUILD, (lease.builder, cookie.build))
    await cursor.execute(sql.SET_CLEAN, (CleanState.DIRTY.value, lease.builder))
    attempt = {
        "build": cookie.build,
        "queue": cookie.queue,
        "builder": lease.builder,
        "owner": lease.owner,
        "epoch": lease.epoch,
        "cookie": str(cookie),
    }
    await cursor.execute(sql.NEW_ATTEMPT, attempt)
    await _audit(cursor, lease, cursor.fetchone()[0], "claimed", str(cookie))


async def _change(
    cursor: Any,
    lease: Lease,
    attempt: int,
    change: sql.Change,
    outcome: str | None = None,
) -> int:
    """Bring an attempt to another state, and tell its build."""
    await _fence(cursor, lease)
    values = {"attempt": attempt, "builder": lease.builder, "outcome": outcome}
    await cursor.execute(change.sql, values)
    if (row := cursor.fetchone()) is None:
        raise OvertakenError(f"attempt {attempt} has left the state this starts from")
    await cursor.execute(sql.SET_CLEAN, (CleanState.DIRTY.value, lease.builder))
    await _audit(cursor, lease, attempt, change.what, outcome)
    return int(row[0])


async def _audit(
    cursor: Any, lease: Lease, attempt: int | None, what: str, detail: str | None
) -> None:
    values = (lease.owner, lease.builder, attempt, lease.epoch, what, detail)
    await cursor.execute(sql.AUDIT, values)
