"""Builds are listed and shown."""

from collections.abc import Sequence
from typing import Any

from buildd_manager.adapters.postgres.files import LARGEST
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.rows import stored_file
from buildd_manager.adapters.postgres.scoring import SUBJECT_COLUMNS, subject
from buildd_manager.adapters.postgres.summaries import (
    SUMMARY_COLUMNS,
    SUMMARY_WIDTH,
    Row,
    cause,
    summary,
)
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.queue import (
    AttemptDetail,
    BuildDetail,
    BuildFilter,
    BuildSummary,
)
from buildd_manager.domain.scores import score


THESE = (
    f"SELECT {SUMMARY_COLUMNS} FROM build_summary v WHERE v.id = ANY(%s) ORDER BY id"
)

BUILDS = f"""
SELECT {SUMMARY_COLUMNS} FROM build_summary v
 WHERE v.id < %(before)s AND NOT v.canary
   AND (%(ids)s::bigint[] = '{{}}' OR v.id = ANY(%(ids)s::bigint[]))
   AND (%(states)s::text[] = '{{}}' OR v.state = ANY(%(states)s::text[]))
   AND (%(causes)s::text[] = '{{}}' OR v.cause = ANY(%(causes)s::text[]))
   AND (%(source)s::text IS NULL OR v.source = %(source)s)
   AND (%(archive)s::text IS NULL OR v.archive = %(archive)s)
   AND (%(series)s::text IS NULL OR v.series = %(series)s)
   AND (%(architecture)s::text IS NULL OR v.architecture = %(architecture)s)
   AND (%(builder)s::text IS NULL OR %(builder)s =
        (SELECT br.name FROM attempt t JOIN builder br ON br.id = t.builder
          WHERE t.build = v.id ORDER BY t.number DESC LIMIT 1))
 ORDER BY v.id DESC LIMIT %(limit)s
"""

# A build that has no builder was queued anew: what came of it before is history.
BUILD = f"""
SELECT {SUMMARY_COLUMNS}, {SUBJECT_COLUMNS}, b.manual_score, b.estimate, b.resources,
       b.date_first_dispatched, b.dependencies, q.logtail,
       (SELECT coalesce(jsonb_agg(to_jsonb(f) ORDER BY rf.position), '[]')
          FROM result_file rf JOIN stored_file f ON f.alias = rf.file
         WHERE rf.attempt = l.id),
       u.output, l.id
  FROM build_summary v
  JOIN build b ON b.id = v.id
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
  LEFT JOIN build_queue q ON q.build = b.id
  LEFT JOIN LATERAL (SELECT id FROM attempt
                      WHERE build = b.id AND b.builder IS NOT NULL
                      ORDER BY number DESC LIMIT 1) l ON true
  LEFT JOIN upload u ON u.attempt = l.id
 WHERE v.id = %s
"""

ATTEMPTS = """
SELECT t.id, t.number, br.name, t.cookie, t.state, t.date_claimed, t.date_started,
       t.date_ended, t.outcome, t.cause,
       (SELECT to_jsonb(f) FROM stored_file f WHERE f.alias = coalesce(r.log, t.log))
  FROM attempt t
  JOIN builder br ON br.id = t.builder
  LEFT JOIN result r ON r.attempt = t.id
 WHERE t.build = %s ORDER BY t.number
"""


async def these(cursor: Any, builds: Sequence[int]) -> list[BuildSummary]:
    """Show some builds in a list."""
    await cursor.execute(THESE, (list(builds),))
    return [summary(row) for row in cursor.fetchall()]


def page(wanted: BuildFilter, before: int | None, limit: int) -> dict[str, object]:
    """Give the values for :data:`BUILDS`."""
    return {
        "before": LARGEST if before is None else min(before, LARGEST),
        "ids": sorted(min(number, LARGEST) for number in wanted.ids),
        "states": [state.value for state in wanted.states],
        "causes": [cause.value for cause in wanted.causes],
        "source": wanted.source,
        "archive": wanted.archive,
        "series": wanted.series,
        "architecture": wanted.architecture,
        "builder": wanted.builder,
        "limit": limit,
    }


async def detail(cursor: Any, build: int) -> BuildDetail:
    """Show all that there is to see of a build."""
    number = min(build, LARGEST)
    await cursor.execute(BUILD, (number,))
    row = must_find(cursor, "build", build)
    await cursor.execute(ATTEMPTS, (number,))
    attempts = tuple(_attempt(one) for one in cursor.fetchall())
    return _detail(row, attempts)


def _detail(row: Row, attempts: tuple[AttemptDetail, ...]) -> BuildDetail:
    of_subject, of_build = row[SUMMARY_WIDTH:-9], row[-9:]
    manual, estimate, resources, first, waits, tail, files, output, last = of_build
    return BuildDetail(
        summary=summary(row),
        scored=score(subject(of_subject)),
        manual_score=manual,
        estimate=estimate,
        resources=tuple(resources),
        first_dispatched=first,
        dependencies=waits,
        log_tail=tail,
        log=next((one.log for one in attempts if one.id == last), None),
        files=tuple(stored_file(file) for file in files),
        attempts=attempts,
        upload_output=output,
    )


def _attempt(row: Row) -> AttemptDetail:
    state = AttemptState(row[4])
    return AttemptDetail(
        id=row[0],
        number=row[1],
        builder=row[2],
        cookie=row[3],
        state=state,
        claimed=row[5],
        started=row[6],
        ended=row[7],
        outcome=row[8],
        cause=cause(row[9]),
        log=None if row[10] is None else stored_file(row[10]),
    )
