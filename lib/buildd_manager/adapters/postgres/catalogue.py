"""What people put into the farm, and see of it, in PostgreSQL."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from attrs import frozen
from psycopg2 import IntegrityError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from zope.interface import implementer

from buildd_manager.adapters.postgres import rows
from buildd_manager.adapters.postgres import views as sql
from buildd_manager.adapters.postgres.files import LARGEST
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.architectures import Wanted
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.catalogue import (
    BuildDetail,
    BuildSummary,
    NewBuilder,
    NewSeries,
    SeriesDetail,
    Submission,
)
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import ICatalogue


T = TypeVar("T")

#: What a violated constraint says of the request.
_CONFLICTS = {
    "series_name_key": "series",
    "arch_series_series_architecture_key": "arch",
    "builder_name_key": "builder",
    "builder_url_key": "url",
}


@implementer(ICatalogue)
@frozen
class PostgresCatalogue:
    """What people add and see, as rows."""

    _pool: Pool

    def add_series(self, series: NewSeries) -> Deferred[None]:
        lines = None if series.archive_lines is None else list(series.archive_lines)

        async def work(cursor: Any) -> None:
            values = (series.name, series.distribution, series.component, lines)
            await cursor.execute(sql.ADD_SERIES, values)

        return self._run(work, series.name)

    def add_architecture(self, series: str, architecture: str) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await cursor.execute(sql.ADD_ARCHITECTURE, (architecture, series))
            _must_find(cursor, "series", series)

        return self._run(work, architecture)

    def set_chroot(
        self, series: str, architecture: str, chroot: StoredFile
    ) -> Deferred[None]:
        async def work(cursor: Any) -> None:
            await cursor.execute(sql.ONE_SERIES, (series,))
            _must_find(cursor, "series", series)
            await cursor.execute(sql.SET_CHROOT, (chroot.alias, series, architecture))
            _must_find(cursor, "arch", architecture)

        return self._run(work)

    def series(self) -> Deferred[Sequence[SeriesDetail]]:
        found: Deferred[Any] = self._pool.query(sql.ALL_SERIES)
        return found.addCallback(lambda all_: [rows.series(row) for row in all_])

    def find_series(self, name: str) -> Deferred[SeriesDetail]:
        async def work(cursor: Any) -> SeriesDetail:
            await cursor.execute(sql.ONE_SERIES, (name,))
            return rows.series(_must_find(cursor, "series", name).fetchone())

        return self._run(work)

    def add_builder(self, builder: NewBuilder) -> Deferred[Builder]:
        values = (
            builder.name,
            builder.url,
            builder.virtualized,
            builder.vm_host,
            builder.manual,
        )

        async def work(cursor: Any) -> Builder:
            await cursor.execute(sql.ADD_BUILDER, values)
            number = cursor.fetchone()[0]
            for architecture in sorted(set(builder.architectures)):
                added = (number, architecture)
                await cursor.execute(sql.ADD_BUILDER_ARCHITECTURE, added)
            await cursor.execute(sql.ONE_BUILDER, (builder.name,))
            return rows.builder(cursor.fetchone())

        return self._run(work, f"{builder.name} or {builder.url}")

    def builders(self) -> Deferred[Sequence[Builder]]:
        found: Deferred[Any] = self._pool.query(sql.ALL_BUILDERS)
        return found.addCallback(lambda all_: [rows.builder(row) for row in all_])

    def find_builder(self, name: str) -> Deferred[tuple[Builder, BuildSummary | None]]:
        async def work(cursor: Any) -> tuple[Builder, BuildSummary | None]:
            await cursor.execute(sql.ONE_BUILDER, (name,))
            builder = rows.builder(_must_find(cursor, "builder", name).fetchone())
            await cursor.execute(sql.BUILD_ON, (builder.id,))
            row = cursor.fetchone()
            return builder, None if row is None else rows.summary(row)

        return self._run(work)

    def submit(self, submission: Submission) -> Deferred[Sequence[BuildSummary]]:
        async def work(cursor: Any) -> Sequence[BuildSummary]:
            await cursor.execute(sql.ONE_SERIES, (submission.series,))
            _must_find(cursor, "series", submission.series)
            source = await _add_source(cursor, submission)
            added = [
                await _add_build(cursor, submission, source, wanted)
                for wanted in submission.wanted
            ]
            await cursor.execute(sql.THESE_BUILDS, (added,))
            return [rows.summary(row) for row in cursor.fetchall()]

        return self._run(work)

    def builds(
        self, before: int | None, limit: int
    ) -> Deferred[Sequence[BuildSummary]]:
        older_than = LARGEST if before is None else min(before, LARGEST)
        found: Deferred[Any] = self._pool.query(sql.BUILDS, (older_than, limit))
        return found.addCallback(lambda all_: [rows.summary(row) for row in all_])

    def find_build(self, build: int) -> Deferred[BuildDetail]:
        async def work(cursor: Any) -> BuildDetail:
            await cursor.execute(sql.ONE_BUILD, (min(build, LARGEST),))
            detail = _must_find(cursor, "build", build).fetchone()
            await cursor.execute(sql.ATTEMPTS, (build,))
            return rows.detail(detail, cursor.fetchall())

        return self._run(work)

    def _run(
        self, work: Callable[[Any], Awaitable[T]], name: str = "it"
    ) -> Deferred[T]:
        def interpret(failure: Failure) -> T:
            error = failure.value
            if not isinstance(error, IntegrityError):
                failure.raiseException()
            field = _CONFLICTS.get(error.diag.constraint_name or "", "request")
            mend = "choose another one, or use the one that is there"
            raise ConflictError(field, f"{name} is already there", mend) from error

        running: Deferred[T] = self._pool.run(work)
        return running.addErrback(interpret)


def _must_find(cursor: Any, field: str, key: object) -> Any:
    if cursor.rowcount == 0:
        raise NotFoundError(
            field, f"there is no {key}", "add it, or list what there is"
        )
    return cursor


async def _add_source(cursor: Any, submission: Submission) -> int:
    source = submission.source
    await cursor.execute(
        sql.ADD_SOURCE, (source.name, source.version, list(source.hints))
    )
    number = int(cursor.fetchone()[0])
    files = [file.alias for file in submission.files]
    await cursor.execute(sql.ADD_SOURCE_FILES, (number, files))
    return number


async def _add_build(
    cursor: Any, submission: Submission, source: int, wanted: Wanted
) -> int:
    values = {
        "source": source,
        "series": submission.series,
        "architecture": wanted.architecture,
        "arch_indep": wanted.arch_indep,
        "score": submission.score,
    }
    await cursor.execute(sql.ADD_BUILD, values)
    number = int(_must_find(cursor, "arch", wanted.architecture).fetchone()[0])
    await cursor.execute(sql.ENQUEUE, (number, wanted.architecture, submission.score))
    return number
