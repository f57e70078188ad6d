"""Sources and their builds enter the queue, and older ones leave it."""

from typing import Any

from buildd_manager.adapters.postgres import virtualizing
from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.domain.audit import given_up, submitted
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.domain.versions import check_version, newer


# Note [Order of locks]
#
# Whoever locks several rows does so in this order, so that nobody waits for somebody
# who waits for him: archive, architecture, source, build, entry of the queue. The lock
# of the archive lets its submissions in one by one: of two versions that come at once,
# the second sees the first; and with that of the architecture it lets nobody say for
# which builders builds are, while one begins to wait. That of the source lets nobody
# retry a build of it while it is superseded, which would then wait for ever.
#
# Who has waited for a lock looks in another statement: the one that has waited still
# sees rows of other tables as they were before.
LOCK_ARCHIVE = "SELECT id FROM archive WHERE name = %s FOR NO KEY UPDATE"

SERIES = "SELECT id FROM series WHERE name = %s"

ADD_SOURCE = """
INSERT INTO source (name, version, architecture_hints, archive, series, pocket,
                    component, section, urgency)
VALUES (%(name)s, %(version)s, %(hints)s, %(archive)s, %(series)s, %(pocket)s,
        %(component)s, %(section)s, %(urgency)s)
RETURNING id
"""

ADD_SOURCE_FILES = """
INSERT INTO source_file (source, position, file)
SELECT %s, position, file FROM unnest(%s::bigint[]) WITH ORDINALITY AS f(file, position)
"""

# It was decided before for which builders they are: that may have changed.
ADD_BUILD = f"""
WITH place AS MATERIALIZED (
  SELECT id, supports_nonvirtualized FROM arch_series
   WHERE series = %(series)s AND architecture = %(architecture)s FOR SHARE)
INSERT INTO build (source, arch_series, arch_indep, virtualized, resources, score,
                   manual_score, estimate)
SELECT %(source)s, a.id, %(arch_indep)s,
       %(virtualized)s OR {virtualizing.NEEDED},
       %(resources)s, %(score)s, %(manual_score)s, %(estimate)s
  FROM place a, archive ar WHERE ar.id = %(archive)s
RETURNING id
"""

# What took so long will take as long again, here or in the primary archive.
ESTIMATE = """
WITH last AS (
  SELECT DISTINCT ON (n.id) n.id,
         extract(epoch FROM b.date_finished - b.date_started)::float8 AS seconds
    FROM build n
    JOIN source ns ON ns.id = n.source
    JOIN archive na ON na.id = ns.archive
    JOIN source s ON s.name = ns.name AND s.series = ns.series
    JOIN archive ar ON ar.id = s.archive
    JOIN build b ON b.source = s.id AND b.arch_series = n.arch_series
   WHERE n.id = ANY(%s) AND b.state = 'fully_built' AND NOT b.canary
     AND b.date_started < b.date_finished
     AND (ar.id = na.id
          OR ar.purpose = 'primary' AND ar.distribution = na.distribution)
   ORDER BY n.id, b.date_finished DESC)
UPDATE build SET estimate = last.seconds
  FROM last WHERE build.id = last.id
"""

ENQUEUE = """
INSERT INTO build_queue (build, architecture, virtualized, score, arch_series,
                         archive, purpose, pocket, resources)
SELECT b.id, a.architecture, b.virtualized, b.score, a.id, ar.id, ar.purpose, s.pocket,
       b.resources
  FROM build b
  JOIN arch_series a ON a.id = b.arch_series
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
 WHERE b.id = ANY(%s) ORDER BY b.id
"""

RIVALS = """
SELECT id, version FROM source
 WHERE name = %(name)s AND archive = %(archive)s AND series = %(series)s
   AND pocket = %(pocket)s AND status = 'published'
 ORDER BY id
"""

CONCERNED = """
SELECT id FROM build
 WHERE source = ANY(%(sources)s) AND NOT canary
   AND (state <> ALL(%(ended)s) OR id = %(build)s)
 ORDER BY id
"""

SUPERSEDE_SOURCES = """
UPDATE source SET status = 'superseded' WHERE id = ANY(%s)
"""

# Builds that run are judged when they are looked at next.
SUPERSEDE_BUILDS = """
WITH given_up AS (
  UPDATE build SET state = 'superseded', date_finished = clock_timestamp()
   WHERE source = ANY(%s) AND state = 'needs_build' AND NOT canary RETURNING id)
DELETE FROM build_queue q USING given_up WHERE q.build = given_up.id
"""


async def submit(cursor: Any, who: str, submission: Submission) -> list[int]:
    """Add a source and its builds; give their numbers."""
    source = submission.source
    check_version(source.version, "version")
    await cursor.execute(LOCK_ARCHIVE, (submission.archive,))
    archive = must_find(cursor, "archive", submission.archive)[0]
    await cursor.execute(SERIES, (submission.series,))
    series = must_find(cursor, "series", submission.series)[0]
    place = {
        "name": source.name,
        "archive": archive,
        "series": series,
        "pocket": submission.pocket.value,
    }
    older = await _older(cursor, place, source.version)
    await supersede(cursor, who, [id_ for id_, _ in older])
    number = await _add_source(cursor, submission, place)
    builds = [
        await _add_build(cursor, submission, one, number, place)
        for one in submission.builds
    ]
    await enqueue(cursor, builds)
    versions = [version for _, version in older]
    await write_down(cursor, who, submitted(submission, builds, versions))
    return builds


async def enqueue(cursor: Any, builds: list[int]) -> None:
    """Have builds wait, the first of equals before the next."""
    await cursor.execute(ESTIMATE, (builds,))
    await cursor.execute(ENQUEUE, (builds,))


async def supersede(
    cursor: Any, who: str, sources: list[int], build: int | None = None
) -> None:
    """
    Want sources no more, nor those of their builds that wait.

    :param build: For which that was asked, even if it has ended.
    """
    ended = [state.value for state in BuildState if state.is_final]
    values = {"sources": sources, "ended": ended, "build": build}
    await cursor.execute(CONCERNED, values)
    deeds = [given_up(number) for (number,) in cursor.fetchall()]
    await write_down(cursor, who, *deeds)
    await cursor.execute(SUPERSEDE_SOURCES, (sources,))
    await cursor.execute(SUPERSEDE_BUILDS, (sources,))


async def _older(
    cursor: Any, place: dict[str, Any], version: str
) -> list[tuple[int, str]]:
    await cursor.execute(RIVALS, place)
    return [(id_, other) for id_, other in cursor.fetchall() if newer(version, other)]


async def _add_source(
    cursor: Any, submission: Submission, place: dict[str, Any]
) -> int:
    values = {
        **place,
        "version": submission.source.version,
        "hints": list(submission.source.hints),
        "component": submission.component,
        "section": submission.section,
        "urgency": submission.urgency.value,
    }
    await cursor.execute(ADD_SOURCE, values)
    number = int(cursor.fetchone()[0])
    files = [file.alias for file in submission.files]
    await cursor.execute(ADD_SOURCE_FILES, (number, files))
    return number


async def _add_build(
    cursor: Any,
    submission: Submission,
    wanted: NewBuild,
    source: int,
    place: dict[str, Any],
) -> int:
    values = {
        **place,
        "source": source,
        "architecture": wanted.architecture,
        "arch_indep": wanted.arch_indep,
        "virtualized": wanted.virtualized,
        "resources": list(submission.resources),
        "score": submission.score,
        "manual_score": submission.manual_score,
        "estimate": wanted.estimate,
    }
    await cursor.execute(ADD_BUILD, values)
    return int(must_find(cursor, "arch", wanted.architecture)[0])
