"""Builds are retried, cancelled, rescored and superseded, as people ask for it."""

from typing import Any

from attrs import frozen

from buildd_manager.adapters.postgres import virtualizing
from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.files import LARGEST
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.scoring import SUBJECT_COLUMNS, subject
from buildd_manager.adapters.postgres.submitting import enqueue, supersede
from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.audit import cancelled, rescored, retried
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
SELECT b.state, se.status, s.pocket, ar.purpose, s.status, b.canary, b.score,
       b.manual_score, {virtualizing.NEEDED},
       {SUBJECT_COLUMNS}
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
       virtualized = %(virtualized)s, score = %(score)s
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

    :ivar manual_score: Whether somebody has said its score.
    :ivar virtualized: Whether it is for virtual builders, as things are now.
    :ivar computed: What its score would be, had nobody said another.
    """

    source: int
    situation: Situation
    score: int
    manual_score: bool
    virtualized: bool
    computed: int


async def may_retry(cursor: Any, build: int) -> None:
    """Fail as a retry would, and change nothing."""
    check_retry((await _lock(cursor, build)).situation)


async def retry(cursor: Any, who: str, build: int) -> None:
    """Have a build wait once more."""
    await virtualizing.hold(cursor, build=min(build, LARGEST))
    found = await _lock(cursor, build)
    check_retry(found.situation)
    if found.situation.revives:
        await cursor.execute(REVIVE, (found.source,))
    score = found.score if found.manual_score else found.computed
    values = {"build": build, "virtualized": found.virtualized, "score": score}
    await cursor.execute(RETRY, values)
    await enqueue(cursor, [build])
    await write_down(cursor, who, retried(found.situation, (found.score, score)))


async def cancel(cursor: Any, who: str, build: int) -> None:
    """Cancel a build, or have it cancelled."""
    situation = (await _lock(cursor, build)).situation
    after = check_cancel(situation)
    if after is BuildState.CANCELLING:
        await cursor.execute(CANCEL, (build,))
    else:
        await cursor.execute(CANCEL_AT_ONCE, (build,))
        await cursor.execute(DEQUEUE, (build,))
    await write_down(cursor, who, cancelled(situation, after))


async def rescore(cursor: Any, who: str, build: int, score: int | None) -> None:
    """Give a build another score; ``None`` computes it."""
    found = await _lock(cursor, build)
    check_rescore(found.situation)
    manual, points = score is not None, found.computed if score is None else score
    await cursor.execute(RESCORE, (points, manual, build))
    await cursor.execute(REQUEUE, (points, build))
    scores, by_hand = (found.score, points), (found.manual_score, manual)
    await write_down(cursor, who, rescored(build, scores, by_hand))


async def supersede_source_of(cursor: Any, who: str, build: int) -> None:
    """Want the source of a build no more."""
    found = await _lock(cursor, build)
    check_supersede(found.situation)
    await supersede(cursor, who, [found.source], build)


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
    score, manual_score, virtualized, *of_subject = row[6:]
    computed = score_of(subject(of_subject)).total
    return _Found(source, situation, score, manual_score, virtualized, computed)
