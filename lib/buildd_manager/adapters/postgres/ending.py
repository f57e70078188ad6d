"""Attempts end, with a result or without, in PostgreSQL."""

from typing import Any

from attrs import frozen

from buildd_manager.adapters.postgres import virtualizing
from buildd_manager.adapters.postgres.attempts import Change, change
from buildd_manager.adapters.postgres.leases import (
    audit,
    fence,
    refuse_live,
    set_clean,
)
from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.endings import (
    ON_BUILDER,
    Ending,
    acquits,
    may_be_recorded,
    without_result,
)
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.log_tails import storable
from buildd_manager.domain.results import Result


# See Note [Order of locks] in submitting. The source is locked, so that it is not
# superseded while its build begins to wait: nobody would ever build it.
LOCK_SOURCE = """
SELECT FROM source WHERE id = (
  SELECT b.source FROM attempt a JOIN build b ON b.id = a.build WHERE a.id = %s)
   FOR SHARE
"""

LOCK_BUILD = """
SELECT b.id, b.state, b.canary,
       (SELECT status = 'published' FROM source WHERE id = b.source)
  FROM attempt a JOIN build b ON b.id = a.build
 WHERE a.id = %(attempt)s AND a.builder = %(builder)s
   AND a.state IN ('claimed', 'running', 'gathering')
   FOR NO KEY UPDATE OF b
"""

ABANDON = """
UPDATE attempt SET state = 'abandoned', date_ended = clock_timestamp(),
       outcome = %(reason)s, cause = %(cause)s, blamed = %(blamed)s
 WHERE id = %(attempt)s AND state IN ('claimed', 'running', 'gathering')
"""

RECORD = Change(
    "recorded",
    """
UPDATE attempt SET state = 'recorded', date_ended = clock_timestamp(),
       outcome = %(detail)s
 WHERE id = %(attempt)s AND builder = %(builder)s AND state IN ('running', 'gathering')
RETURNING build
""",
)

KEEP_RESULT = """
UPDATE attempt SET cause = %(cause)s, log = %(log)s WHERE id = %(attempt)s
"""

ADD_RESULT = """
INSERT INTO result (attempt, build, queue, verdict, log)
SELECT id, build, queue, %(verdict)s, log FROM attempt WHERE id = %(attempt)s
"""

ADD_RESULT_FILES = """
INSERT INTO result_file (attempt, position, file)
SELECT %s, position, file FROM unnest(%s::bigint[]) WITH ORDINALITY AS f(file, position)
"""

ADD_UPLOAD = "INSERT INTO upload (attempt, manager) VALUES (%s, %s)"

COUNT_FAILURES = "UPDATE build SET failure_count = %s WHERE id = %s"

# When it was first dispatched is kept; when it was started was another attempt's. It
# waits for virtual builders or not as things are now.
BUILD_AGAIN = f"""
UPDATE build b SET state = 'needs_build', builder = NULL, date_started = NULL,
       virtualized = {virtualizing.NEEDED}
  FROM source s, archive ar, arch_series a
 WHERE b.id = %s AND s.id = b.source AND ar.id = s.archive AND a.id = b.arch_series
"""

QUEUE_AGAIN = """
UPDATE build_queue q SET builder = NULL, logtail = NULL, virtualized = b.virtualized
  FROM build b WHERE b.id = %s AND q.build = b.id
"""

BUILD_ENDED = """
UPDATE build SET state = %s, cause = %s, dependencies = %s,
       date_finished = clock_timestamp()
 WHERE id = %s
"""

DEQUEUE = "DELETE FROM build_queue WHERE build = %s"

COUNT_BUILDER = "UPDATE builder SET failure_count = %s WHERE id = %s"

# Whom people have taken out of use meanwhile we do not try again by ourselves.
FAIL_BUILDER = """
UPDATE builder SET builderok = false, failnotes = %s, on_trial = false,
       trials = trials + 1, date_trial = clock_timestamp() + %s * interval '1 second'
 WHERE id = %s AND builderok
"""

ACQUIT_BUILDER = """
UPDATE builder SET failure_count = 0, on_trial = false, trials = 0, failnotes = NULL
 WHERE id = %s
"""


@frozen
class _Locked:
    """A build that nobody else changes now, and whose attempt ends."""

    number: int
    ending: Ending


async def settle(
    cursor: Any, lease: Lease, attempt: int | None, ruling: Ruling
) -> None:
    """Do what a judgement orders."""
    await fence(cursor, lease)
    if attempt is None:
        await refuse_live(cursor, lease)
    else:
        await virtualizing.hold(cursor, attempt=attempt)
        await cursor.execute(LOCK_SOURCE, (attempt,))
        build = await _lock_build(cursor, lease, attempt)
        await cursor.execute(COUNT_FAILURES, (ruling.job_failures, build.number))
        if ruling.job is not JobFate.KEEP:
            await _abandon(cursor, attempt, build, ruling)
            await set_clean(cursor, lease, CleanState.DIRTY)
    await _judge_builder(cursor, lease, ruling)
    what = f"job {ruling.job.value}, builder {ruling.builder.value}"
    await audit(cursor, lease, attempt, what, storable(ruling.reason))


async def record(cursor: Any, lease: Lease, attempt: int, result: Result) -> None:
    """Remember a result, and end the attempt."""
    await fence(cursor, lease)
    build = await _lock_build(cursor, lease, attempt)
    state, canary = build.ending.state, build.ending.canary
    if not may_be_recorded(state, canary, result.state):
        raise OvertakenError(f"build {build.number} is {state.value} by now")
    await change(cursor, lease, attempt, RECORD, storable(result.outcome))
    await _add_result(cursor, lease, attempt, result)
    dependencies = result.dependencies and storable(result.dependencies)
    await _end(cursor, build, result.state, result.cause, dependencies)
    await set_clean(cursor, lease, CleanState.DIRTY)
    if result.acquits and acquits(canary, result.state):
        await cursor.execute(ACQUIT_BUILDER, (lease.builder,))


async def _lock_build(cursor: Any, lease: Lease, attempt: int) -> _Locked:
    await cursor.execute(LOCK_BUILD, {"attempt": attempt, "builder": lease.builder})
    if (row := cursor.fetchone()) is None:
        raise OvertakenError(f"attempt {attempt} is over")
    number, state, canary, published = row
    ending = Ending(state=BuildState(state), canary=canary, published=published)
    if ending.state not in ON_BUILDER:
        raise OvertakenError(f"build {number} is {state} by now")
    return _Locked(number, ending)


async def _abandon(cursor: Any, attempt: int, build: _Locked, ruling: Ruling) -> None:
    values = {
        "attempt": attempt,
        "reason": storable(ruling.reason),
        "cause": ruling.cause.value,
        "blamed": ruling.blamed,
    }
    await cursor.execute(ABANDON, values)
    state, cause = without_result(build.ending, ruling.job, ruling.cause)
    if state is BuildState.NEEDS_BUILD:
        await cursor.execute(BUILD_AGAIN, (build.number,))
        await cursor.execute(QUEUE_AGAIN, (build.number,))
    else:
        await _end(cursor, build, state, cause)


async def _end(
    cursor: Any,
    build: _Locked,
    state: BuildState,
    cause: Cause | None,
    dependencies: str | None = None,
) -> None:
    why = None if cause is None else cause.value
    ended = (state.value, why, dependencies, build.number)
    await cursor.execute(BUILD_ENDED, ended)
    await cursor.execute(DEQUEUE, (build.number,))


async def _add_result(cursor: Any, lease: Lease, attempt: int, result: Result) -> None:
    cause = None if result.cause is None else result.cause.value
    kept = {"attempt": attempt, "cause": cause, "log": result.log.alias}
    await cursor.execute(KEEP_RESULT, kept)
    await cursor.execute(
        ADD_RESULT, {"attempt": attempt, "verdict": result.verdict.value}
    )
    files = [file.alias for file in result.files]
    await cursor.execute(ADD_RESULT_FILES, (attempt, files))
    if result.state is BuildState.UPLOADING:
        await cursor.execute(ADD_UPLOAD, (attempt, lease.owner))


async def _judge_builder(cursor: Any, lease: Lease, ruling: Ruling) -> None:
    await cursor.execute(COUNT_BUILDER, (ruling.builder_failures, lease.builder))
    if ruling.builder is not BuilderFate.KEEP:
        await set_clean(cursor, lease, CleanState.DIRTY)
    if ruling.builder is BuilderFate.FAIL:
        failed = (storable(ruling.reason), ruling.trial_after, lease.builder)
        await cursor.execute(FAIL_BUILDER, failed)
