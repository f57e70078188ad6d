"""Builds are retried, cancelled, rescored and superseded, as people ask for it."""

from typing import Any

from attrs import frozen

from buildd_manager.adapters.postgres.files import LARGEST
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.scoring import SUBJECT_COLUMNS, subject
from buildd_manager.adapters.postgres.submitting import enqueue, supersede
from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.retrying import (
    Situation,
    check_cancel,
    check_rescore,
    check_retry,
    check_supersede,
)
from buildd_manager.domain.scores import score as score_of
from buildd_manager.domain.series_status import SeriesStatus


# See Note [Order of locks] in submitting.
LOCK_SOURCE = """
SELECT s.id FROM source s
 WHERE s.id = (SELECT source FROM build WHERE id = %s) FOR NO KEY UPDATE
"""

LOCK_BUILD = f"""
SELECT b.state, se.status, s.pocket, ar.purpose, s.status, b.canary,
       ar.require_virtualized OR NOT a.supports_nonvirtualized, {SUBJECT_COLUMNS}
  FROM build b
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
  JOIN arch_series a ON a.id = b.arch_series
  JOIN series se ON se.id = a.series
 WHERE b.id = %s FOR NO KEY UPDATE OF b
"""

RETRY = """
UPDATE build SET state = 'needs_build', builder = NULL, failure_count = 0,
       cause = NULL, dependencies = NULL, date_started = NULL, date_finished = NULL,
       virtualized = %(virtualized)s,
       score = CASE WHEN manual_score THEN score ELSE %(score)s END
 WHERE id = %(build)s
"""

REVIVE = "UPDATE source SET status = 'published' WHERE id = %s"

CANCEL = "UPDATE build SET state = 'cancelling' WHERE id = %s"

CANCEL_AT_ONCE = """
UPDATE build SET state = 'cancelled', date_finished = clock_timestamp() WHERE id = %s
"""

DEQUEUE = "DELETE FROM build_queue WHERE build = %s"

RESCORE = "UPDATE build SET score = %s, manual_score = %s WHERE id = %s"

REQUEUE = "UPDATE build_queue SET score = %s WHERE build = %s"


@frozen
class _Found:
    """
    A build that nobody else changes now.

    :ivar virtualized: Whether it is for virtual builders, as things are now.
    :ivar score: What it would be, had nobody said another.
    """

    source: int
    situation: Situation
    virtualized: bool
    score: int


async def may_retry(cursor: Any, build: int) -> None:
    """Fail as a retry would, and change nothing."""
    check_retry((await _lock(cursor, build)).situation)


async def retry(cursor: Any, build: int) -> None:
    """Have a build wait once more."""
    found = await _lock(cursor, build)
    check_retry(found.situation)
    if found.situation.revives:
        await cursor.execute(REVIVE, (found.source,))
    values = {
        "build": build,
        "virtualized": found.virtualized,
        "score": found.score,
    }
    await cursor.execute(RETRY, values)
    await enqueue(cursor, [build])


async def cancel(cursor: Any, build: int) -> None:
    """Cancel a build, or have it cancelled."""
    found = await _lock(cursor, build)
    if check_cancel(found.situation) is BuildState.CANCELLING:
        await cursor.execute(CANCEL, (build,))
        return
    await cursor.execute(CANCEL_AT_ONCE, (build,))
    await cursor.execute(DEQUEUE, (build,))


async def rescore(cursor: Any, build: int, score: int | None) -> None:
    """Give a build another score; ``None`` computes it."""
    found = await _lock(cursor, build)
    check_rescore(found.situation)
    points = found.score if score is None else score
    await cursor.execute(RESCORE, (points, score is not None, build))
    await cursor.execute(REQUEUE, (points, build))


async def supersede_source_of(cursor: Any, build: int) -> None:
    """Want the source of a build no more."""
    found = await _lock(cursor, build)
    check_supersede(found.situation)
    await supersede(cursor, [found.source])


async def _lock(cursor: Any, build: int) -> _Found:
    number = min(build, LARGEST)
    await cursor.execute(LOCK_SOURCE, (number,))
    source = must_find(cursor, "build", build)[0]
    await cursor.execute(LOCK_BUILD, (number,))
    row = must_find(cursor, "build", build)
    situation = Situation(
        build=build,
        state=BuildState(row[0]),
        series_status=SeriesStatus(row[1]),
        pocket=Pocket(row[2]),
        purpose=Purpose(row[3]),
        published=row[4] == "published",
        canary=row[5],
    )
    return _Found(source, situation, row[6], score_of(subject(row[7:])).total)
