"""The farm's furniture, in PostgreSQL."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from attrs import frozen
from psycopg2 import IntegrityError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from zope.interface import implementer

from buildd_manager.adapters.postgres import architectures, archives, builders, rows
from buildd_manager.adapters.postgres import series as all_series
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
)
from buildd_manager.domain.audit import MANAGER
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.catalogue import (
    ArchChange,
    BuilderChange,
    NewBuilder,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildSummary
from buildd_manager.ports import ICatalogue


P = ParamSpec("P")
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
    """What people put into a farm, as rows."""

    _pool: Pool
    _who: str = MANAGER

    def on_behalf_of(self, who: str) -> ICatalogue:
        return PostgresCatalogue(self._pool, who)

    def add_archive(self, archive: NewArchive) -> Deferred[Archive]:
        return self._do(archives.add, archive)

    def change_archive(self, name: str, change: ArchiveChange) -> Deferred[Archive]:
        return self._do(archives.change, name, change)

    def depend(self, name: str, other: Dependency) -> Deferred[Archive]:
        return self._do(archives.depend, name, other)

    def depend_no_more(self, name: str, other: str) -> Deferred[Archive]:
        return self._do(archives.depend_no_more, name, other)

    def archives(self) -> Deferred[Sequence[Archive]]:
        return self._all(archives.ALL, archives.archive)

    def find_archive(self, name: str) -> Deferred[Archive]:
        return self._run(archives.find, name)

    def add_series(self, series: NewSeries) -> Deferred[None]:
        adding = self._do(all_series.add, series)
        return adding.addErrback(_conflict, series.name)

    def change_series(self, name: str, change: SeriesChange) -> Deferred[None]:
        return self._do(all_series.change, name, change)

    def add_architecture(self, series: str, architecture: str) -> Deferred[None]:
        adding = self._do(architectures.add, series, architecture)
        return adding.addErrback(_conflict, architecture)

    def change_architecture(
        self, series: str, architecture: str, change: ArchChange
    ) -> Deferred[None]:
        return self._do(architectures.change, series, architecture, change)

    def set_chroot(
        self,
        series: str,
        architecture: str,
        chroot: StoredFile | None,
        pocket: Pocket = Pocket.RELEASE,
    ) -> Deferred[None]:
        return self._do(architectures.set_chroot, series, architecture, chroot, pocket)

    def series(self) -> Deferred[Sequence[SeriesDetail]]:
        return self._all(all_series.ALL, all_series.series)

    def find_series(self, name: str) -> Deferred[SeriesDetail]:
        return self._run(all_series.find, name)

    def add_builder(self, builder: NewBuilder) -> Deferred[Builder]:
        adding = self._do(builders.add, builder)
        return adding.addErrback(_conflict, f"{builder.name} or {builder.url}")

    def change_builder(self, name: str, change: BuilderChange) -> Deferred[Builder]:
        return self._do(builders.change, name, change)

    def set_clean(self, name: str) -> Deferred[Builder]:
        return self._do(builders.set_clean, name)

    def builders(self) -> Deferred[Sequence[Builder]]:
        return self._all(builders.ALL, rows.builder)

    def find_builder(self, name: str) -> Deferred[tuple[Builder, BuildSummary | None]]:
        return self._run(builders.find, name)

    def _do(
        self,
        work: Callable[Concatenate[Any, str, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Deferred[T]:
        """Do what is written down."""
        return self._pool.run(lambda cursor: work(cursor, self._who, *args, **kwargs))

    def _run(
        self,
        work: Callable[Concatenate[Any, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Deferred[T]:
        return self._pool.run(lambda cursor: work(cursor, *args, **kwargs))

    def _all(
        self, statement: str, read: Callable[[rows.Row], T]
    ) -> Deferred[Sequence[T]]:
        found: Deferred[Any] = self._pool.query(statement)
        return found.addCallback(lambda all_: [read(row) for row in all_])


def _conflict(failure: Failure, name: str) -> Any:
    """Tell what is already there, in words of the request."""
    error = failure.value
    if not isinstance(error, IntegrityError):
        failure.raiseException()
    field = _CONFLICTS.get(error.diag.constraint_name or "", "request")
    mend = "choose another one, or use the one that is there"
    raise ConflictError(field, f"{name} is already there", mend) from error
