"""Builds, as people ask for them and see them, in PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.adapters.postgres import (
    changing,
    dep_waits,
    listing,
    outlook,
    publishing,
    submitting,
)
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.adapters.postgres.summaries import summary
from buildd_manager.domain.audit import MANAGER
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.queue import (
    BuildDetail,
    BuildFilter,
    BuildSummary,
    DepWait,
    Submission,
)
from buildd_manager.ports import IQueue


@implementer(IQueue)
@frozen
class PostgresQueue:
    """Builds as rows."""

    _pool: Pool
    _who: str = MANAGER

    def on_behalf_of(self, who: str) -> IQueue:
        return PostgresQueue(self._pool, who)

    def submit(self, submission: Submission) -> Deferred[Sequence[BuildSummary]]:
        async def work(cursor: Any) -> Sequence[BuildSummary]:
            added = await submitting.submit(cursor, self._who, submission)
            return await listing.these(cursor, added)

        return self._pool.run(work)

    def builds(
        self, wanted: BuildFilter, before: int | None, limit: int
    ) -> Deferred[Sequence[BuildSummary]]:
        values = listing.page(wanted, before, limit)
        found: Deferred[Any] = self._pool.query(listing.BUILDS, values)
        return found.addCallback(lambda rows: [summary(row) for row in rows])

    def find_build(self, build: int) -> Deferred[BuildDetail]:
        return self._pool.run(lambda cursor: listing.detail(cursor, build))

    def retry(self, build: int, *, dry_run: bool = False) -> Deferred[BuildSummary]:
        if dry_run:
            return self._change(build, changing.may_retry)
        return self._change(build, partial(changing.retry, who=self._who))

    def cancel(self, build: int) -> Deferred[BuildSummary]:
        return self._change(build, partial(changing.cancel, who=self._who))

    def rescore(self, build: int, score: int | None) -> Deferred[BuildSummary]:
        change = partial(changing.rescore, who=self._who, score=score)
        return self._change(build, change)

    def supersede(self, build: int) -> Deferred[None]:
        change = partial(changing.supersede_source_of, build=build, who=self._who)
        return self._pool.run(change)

    def outlook(self) -> Deferred[Outlook]:
        return self._pool.run(outlook.outlook)

    def publish(self, packages: Sequence[NewBinary]) -> Deferred[int]:
        return self._pool.run(
            lambda cursor: publishing.publish(cursor, self._who, packages)
        )

    def dep_waits(self) -> Deferred[Sequence[DepWait]]:
        found: Deferred[Any] = self._pool.query(dep_waits.WAITS)
        return found.addCallback(dep_waits.waits)

    def published(
        self, wait: DepWait, names: Sequence[str]
    ) -> Deferred[Mapping[str, set[str]]]:
        return self._pool.run(lambda cursor: publishing.published(cursor, wait, names))

    def still_waits(self, build: int, dependencies: str) -> Deferred[None]:
        return self._pool.run(
            lambda cursor: dep_waits.still_waits(cursor, build, dependencies)
        )

    def _change(
        self, build: int, change: Callable[..., Awaitable[None]]
    ) -> Deferred[BuildSummary]:
        async def work(cursor: Any) -> BuildSummary:
            await change(cursor, build=build)
            (changed,) = await listing.these(cursor, [build])
            return changed

        return self._pool.run(work)
