"""How far an attempt has come, in PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from buildd_manager.adapters.postgres.leases import audit, fence
from buildd_manager.domain.builders import Lease
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.files import StoredFile


@frozen
class Change:
    """
    A statement that changes an attempt, and says from which states.

    It takes ``attempt``, ``builder`` and ``detail``, and returns the build.

    :ivar what: What has become of it, for the audit.
    """

    what: str
    sql: str


STARTED = Change(
    "running",
    """
UPDATE attempt SET state = 'running', date_started = clock_timestamp()
 WHERE id = %(attempt)s AND builder = %(builder)s AND state = 'claimed'
RETURNING build
""",
)

BUILD_STARTED = """
UPDATE build SET date_started = clock_timestamp()
 WHERE id = %s AND state IN ('building', 'cancelling')
"""

GATHERING = Change(
    "gathering",
    """
UPDATE attempt SET state = 'gathering'
 WHERE id = %(attempt)s AND builder = %(builder)s AND state IN ('running', 'gathering')
RETURNING build
""",
)

BUILD_GATHERING = """
UPDATE build SET state = 'gathering'
 WHERE id = %s AND state IN ('building', 'gathering')
"""

STOPPING = Change(
    "stopping",
    """
UPDATE attempt SET stop_cause = %(detail)s, date_stopping = clock_timestamp()
 WHERE id = %(attempt)s AND builder = %(builder)s AND state = 'running'
   AND stop_cause IS NULL
RETURNING build
""",
)

KEEP_LOG = Change(
    "log kept",
    """
UPDATE attempt SET log = %(detail)s
 WHERE id = %(attempt)s AND builder = %(builder)s
   AND state IN ('claimed', 'running', 'gathering')
RETURNING build
""",
)

# Whoever locks several attempts does so by their numbers.
KEEP_TAILS = """
WITH changed AS (
  SELECT a.id, a.queue, t.tail
    FROM unnest(%s::bigint[], %s::text[]) AS t(attempt, tail)
    JOIN attempt a ON a.id = t.attempt
    JOIN build_queue q ON q.id = a.queue
   WHERE a.state IN ('claimed', 'running', 'gathering')
     AND q.logtail IS DISTINCT FROM t.tail
   ORDER BY a.id FOR NO KEY UPDATE OF a),
seen AS (
  UPDATE attempt a SET date_tail = clock_timestamp(),
         longest_silence = greatest(a.longest_silence,
           seconds_since(coalesce(a.date_tail, a.date_started)))
    FROM changed WHERE a.id = changed.id)
UPDATE build_queue q SET logtail = changed.tail
  FROM changed WHERE q.id = changed.queue
"""


async def change(
    cursor: Any, lease: Lease, attempt: int, what: Change, detail: object = None
) -> int:
    """
    Change an attempt of a builder that is ours; gives its build.

    :raises OvertakenError: If it has left the state that the change starts from.
    """
    values = {"attempt": attempt, "builder": lease.builder, "detail": detail}
    await cursor.execute(what.sql, values)
    if (row := cursor.fetchone()) is None:
        raise OvertakenError(f"attempt {attempt} has left the state this starts from")
    told = None if detail is None else str(detail)
    await audit(cursor, lease, attempt, what.what, told)
    return int(row[0])


async def must(cursor: Any, statement: str, values: object) -> None:
    """
    Change a build.

    :raises OvertakenError: If it has left the state that the change starts from.
    """
    await cursor.execute(statement, values)
    if cursor.rowcount != 1:
        raise OvertakenError("the build has left the state that this starts from")


async def started(cursor: Any, lease: Lease, attempt: int) -> None:
    """Remember that the worker has acknowledged an attempt."""
    await fence(cursor, lease)
    build = await change(cursor, lease, attempt, STARTED)
    await must(cursor, BUILD_STARTED, (build,))


async def gathering(cursor: Any, lease: Lease, attempt: int) -> None:
    """Remember that its results are about to be fetched."""
    await fence(cursor, lease)
    build = await change(cursor, lease, attempt, GATHERING)
    await must(cursor, BUILD_GATHERING, (build,))


async def stopping(cursor: Any, lease: Lease, attempt: int, cause: Cause) -> None:
    """Remember that it is called off."""
    await fence(cursor, lease)
    await change(cursor, lease, attempt, STOPPING, cause.value)


async def keep_log(cursor: Any, lease: Lease, attempt: int, log: StoredFile) -> None:
    """Remember its log."""
    await fence(cursor, lease)
    await change(cursor, lease, attempt, KEEP_LOG, log.alias)


async def keep_tails(cursor: Any, tails: Mapping[int, str]) -> None:
    """Remember the ends of logs that have changed."""
    await cursor.execute(KEEP_TAILS, (list(tails), list(tails.values())))
