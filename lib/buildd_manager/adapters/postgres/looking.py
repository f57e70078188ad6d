"""What is known of a builder and of what it does, from rows of PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from buildd_manager.adapters.postgres import rows
from buildd_manager.domain.archives import Archive
from buildd_manager.domain.briefing import Known, job_of
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import NotFoundError, StoreError
from buildd_manager.domain.jobs import (
    Assignment,
    AttemptState,
    Job,
    Limit,
    Stopping,
)
from buildd_manager.domain.pockets import Pocket


BUILDER = f"SELECT {rows.BUILDER_COLUMNS} FROM builder b WHERE b.id = %s"

# Of the last successes only few are of the same source: they are found by its name,
# and MATERIALIZED keeps the planner from reading all others by their date.
ASSIGNMENT = """
SELECT a.id, a.cookie, a.state,
       (SELECT count(*) FROM attempt same WHERE same.queue = a.queue),
       b.failure_count, b.canary, b.state, s.status = 'published', a.stop_cause,
       seconds_since(a.date_stopping),
       coalesce(seconds_since(a.date_started), 0),
       coalesce(seconds_since(coalesce(a.date_tail, a.date_started)), 0),
       ars.wall, past.wall, ars.silence, past.silence,
       (SELECT to_jsonb(f) FROM stored_file f WHERE f.alias = a.chroot),
       (SELECT to_jsonb(j) FROM job j WHERE j.build = a.build),
       (SELECT q.logtail FROM build_queue q WHERE q.id = a.queue)
  FROM attempt a
  JOIN build b ON b.id = a.build
  JOIN source s ON s.id = b.source
  JOIN arch_series ars ON ars.id = b.arch_series
 CROSS JOIN LATERAL (
  WITH same AS MATERIALIZED (
    SELECT o.id, o.date_started, o.date_finished
      FROM source os JOIN build o ON o.source = os.id
     WHERE os.name = s.name AND o.arch_series = b.arch_series
       AND o.state = 'fully_built' AND NOT o.canary)
  SELECT max(extract(epoch FROM last.date_finished - last.date_started))::float8
           AS wall,
         max((SELECT r.longest_silence FROM attempt r
               WHERE r.build = last.id AND r.state = 'recorded'
               ORDER BY r.number DESC LIMIT 1)) AS silence
    FROM (SELECT * FROM same ORDER BY date_finished DESC, id DESC LIMIT 5) last) past
 WHERE a.builder = %s AND a.state IN ('claimed', 'running', 'gathering')
"""


async def look(cursor: Any, builder: int) -> tuple[Builder, Assignment | None]:
    """
    Read a builder, and what it has to do.

    :raises NotFoundError: If there is none.
    """
    await cursor.execute(BUILDER, (builder,))
    if (row := cursor.fetchone()) is None:
        raise NotFoundError("builder", f"there is no builder {builder}", "add it")
    return rows.builder(row), await assignment(cursor, builder)


async def assignment(cursor: Any, builder: int) -> Assignment | None:
    """Read what a builder has to do, if anything."""
    await cursor.execute(ASSIGNMENT, (builder,))
    row = cursor.fetchone()
    return None if row is None else _assignment(row)


def _assignment(row: rows.Row) -> Assignment:
    cookie = Cookie.parse(row[1])
    if cookie is None:
        raise StoreError(f"attempt {row[0]} has a cookie that is not ours")
    return Assignment(
        attempt=row[0],
        cookie=cookie,
        state=AttemptState(row[2]),
        job=_job(row[17], row[16]),
        number=row[3],
        failures=row[4],
        canary=row[5],
        cancelling=BuildState(row[6]) is BuildState.CANCELLING,
        superseded=not row[7],
        stopping=None if row[8] is None else Stopping(Cause(row[8]), row[9]),
        running=row[10],
        tail=row[18],
        silent=row[11],
        wall=Limit(row[12], row[13]),
        silence=Limit(row[14], row[15]),
    )


def _job(found: Mapping[str, Any], chroot: Mapping[str, Any]) -> Job:
    known = Known(
        source=found["source"],
        version=found["version"],
        distribution=found["distribution"],
        architecture=found["architecture"],
        arch_indep=found["arch_indep"],
        virtualized=found["virtualized"],
        resources=tuple(found["resources"]),
        chroot=rows.stored_file(chroot),
        files=tuple(rows.stored_file(file) for file in found["files"] or ()),
        need=rows.need(found["need"]),
    )
    places = {(archive, Pocket(pocket)) for archive, pocket in found["published"]}

    def published(archive: Archive, pocket: Pocket) -> bool:
        return (archive.name, pocket) in places

    return job_of(known, published)
