"""Builds as people see them, from the tables in memory."""

from typing import TypeVar

from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import LIVE
from buildd_manager.domain.queue import AttemptDetail, BuildDetail, BuildSummary
from buildd_manager.domain.scores import Subject, score
from buildd_manager.testing.rows import AttemptRow, BuildRow, Rows, SourceRow


K = TypeVar("K")
V = TypeVar("V")


def find(field: str, key: K, known: dict[K, V]) -> V:
    """
    Find what has a name, or a number.

    :raises NotFoundError: If there is none.
    """
    if key not in known:
        raise NotFoundError(field, f"there is no {key}", "add it, or list what is")
    return known[key]


def summary(rows: Rows, build: BuildRow) -> BuildSummary:
    """Show a build in a list."""
    source = build.source
    on = None if build.builder is None else rows.builders[build.builder]
    return BuildSummary(
        id=build.id,
        source=source.source.name,
        version=source.source.version,
        archive=source.archive,
        series=source.series,
        pocket=source.pocket,
        architecture=build.architecture,
        state=build.state,
        cause=build.cause,
        score=build.score,
        builder=None if on is None else on.value.name,
        created=build.created,
        started=build.started,
        finished=build.finished,
    )


def detail(rows: Rows, build: BuildRow) -> BuildDetail:
    """Show all that there is to see of a build."""
    attempts = rows.attempts_of(build)
    # A build that has no builder was queued anew: what came of it before is history.
    last = attempts[-1] if attempts and build.builder is not None else None
    result = None if last is None else last.result
    upload = None if last is None else last.upload
    return BuildDetail(
        summary=summary(rows, build),
        scored=score(subject(rows, build.source)),
        manual_score=build.manual_score,
        estimate=build.estimate,
        resources=build.resources,
        first_dispatched=build.first_dispatched,
        dependencies=build.dependencies,
        log_tail=build.tail,
        log=None if last is None else _log(last),
        files=() if result is None else result.files,
        attempts=tuple(_attempt(rows, one) for one in attempts),
        upload_output=None if upload is None else upload.output,
    )


def subject(rows: Rows, source: SourceRow) -> Subject:
    """Tell what is scored of a source."""
    return Subject(
        archive=rows.archives[source.archive],
        pocket=source.pocket,
        component=source.component,
        section=source.section,
        urgency=source.urgency,
    )


def _attempt(rows: Rows, row: AttemptRow) -> AttemptDetail:
    return AttemptDetail(
        id=row.id,
        number=row.number,
        builder=rows.builders[row.builder].value.name,
        cookie=str(row.cookie),
        state=row.state,
        claimed=row.claimed,
        started=row.started,
        ended=row.ended,
        outcome=None if row.state in LIVE else row.outcome,
        cause=row.cause,
        log=_log(row),
    )


def _log(row: AttemptRow) -> StoredFile | None:
    return row.log if row.result is None else row.result.log
