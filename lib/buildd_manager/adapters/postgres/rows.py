"""Rows of the database become values of the domain."""

from collections.abc import Mapping, Sequence
from typing import Any

from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import (
    ArchDetail,
    AttemptDetail,
    BuildDetail,
    BuildSummary,
    SeriesDetail,
)
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import StoreError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment, AttemptState, Job


#: A row as psycopg2 gives it; its types are those of the columns.
Row = Sequence[Any]

BUILDER_COLUMNS = """
b.id, b.name, b.url,
ARRAY(SELECT architecture FROM builder_architecture
       WHERE builder = b.id ORDER BY architecture),
b.virtualized, b.vm_host, b.builderok, b.manual, b.failnotes, b.clean, b.version
"""

ASSIGNMENT_COLUMNS = """
a.id, a.cookie, a.state, j.source, j.version, j.distribution, j.series, j.suite,
j.component, j.architecture, j.arch_indep, j.archive_lines, j.chroot, j.files
"""

SUMMARY_COLUMNS = """
id, source, version, series, architecture, state, score, builder, created, finished
"""


def builder(row: Row) -> Builder:
    """Read :data:`BUILDER_COLUMNS`."""
    return Builder(
        id=row[0],
        name=row[1],
        url=row[2],
        architectures=tuple(row[3]),
        virtualized=row[4],
        vm_host=row[5],
        ok=row[6],
        manual=row[7],
        fail_notes=row[8],
        clean=CleanState(row[9]),
        version=row[10],
    )


def assignment(row: Row) -> Assignment:
    """Read :data:`ASSIGNMENT_COLUMNS`."""
    cookie = Cookie.parse(row[1])
    if cookie is None:
        raise StoreError(f"attempt {row[0]} has a cookie that is not ours")
    job = Job(
        source=row[3],
        version=row[4],
        distribution=row[5],
        series=row[6],
        suite=row[7],
        component=row[8],
        architecture=row[9],
        arch_indep=row[10],
        archive_lines=None if row[11] is None else tuple(row[11]),
        chroot=stored_file(row[12]),
        files=tuple(stored_file(file) for file in row[13]),
    )
    return Assignment(
        attempt=row[0], cookie=cookie, state=AttemptState(row[2]), job=job
    )


def stored_file(file: Mapping[str, Any]) -> StoredFile:
    """Read a row of the view ``stored_file`` that has come as JSON."""
    return StoredFile(**file)


def summary(row: Row) -> BuildSummary:
    """Read :data:`SUMMARY_COLUMNS`."""
    return BuildSummary(
        id=row[0],
        source=row[1],
        version=row[2],
        series=row[3],
        architecture=row[4],
        state=BuildState(row[5]),
        score=row[6],
        builder=row[7],
        created=row[8],
        finished=row[9],
    )


def series(row: Row) -> SeriesDetail:
    """Read a series with its architectures as JSON."""
    return SeriesDetail(
        name=row[0],
        distribution=row[1],
        component=row[2],
        archive_lines=None if row[3] is None else tuple(row[3]),
        architectures=tuple(
            ArchDetail(
                architecture=arch["architecture"],
                chroot=stored_file(arch["chroot"]) if arch["chroot"] else None,
            )
            for arch in row[4]
        ),
    )


def detail(row: Row, attempts: Sequence[Row]) -> BuildDetail:
    """Read a build with its result as JSON, and its attempts."""
    return BuildDetail(
        summary=summary(row),
        dependencies=row[10],
        log_tail=row[11],
        log=stored_file(row[12]) if row[12] else None,
        files=tuple(stored_file(file) for file in row[13]),
        upload_output=row[14],
        attempts=tuple(attempt(one) for one in attempts),
    )


def attempt(row: Row) -> AttemptDetail:
    """Read an attempt."""
    return AttemptDetail(
        id=row[0],
        number=row[1],
        builder=row[2],
        cookie=row[3],
        state=AttemptState(row[4]),
        claimed=row[5],
        started=row[6],
        ended=row[7],
        outcome=row[8],
    )
