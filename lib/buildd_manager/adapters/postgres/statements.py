"""What is said to PostgreSQL about builders, attempts and results."""

from attrs import frozen

from buildd_manager.adapters.postgres import rows


@frozen
class Change:
    """
    A statement that brings an attempt from one state to another.

    It takes ``attempt``, ``builder`` and ``outcome``, and returns the build.

    :ivar what: The new state, for the audit.
    """

    what: str
    sql: str


REGISTER = """
INSERT INTO manager (id, name, version) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
  started = clock_timestamp(), heartbeat = clock_timestamp()
"""

RELEASE = """
UPDATE builder SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = %s
"""

HEARTBEAT = "UPDATE manager SET heartbeat = clock_timestamp() WHERE id = %s"

# clock_timestamp(), not now(), which is when the transaction began.
RENEW = """
UPDATE builder SET lease_until = clock_timestamp() + %s * interval '1 second'
 WHERE lease_owner = %s AND lease_until > clock_timestamp()
"""

ACQUIRE = """
WITH free AS (
  SELECT id FROM builder
   WHERE lease_owner IS NULL OR lease_until <= clock_timestamp()
   ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
UPDATE builder b SET lease_owner = %s, lease_epoch = b.lease_epoch + 1,
       lease_until = clock_timestamp() + %s * interval '1 second'
  FROM free WHERE b.id = free.id
"""

HELD = "SELECT id, lease_epoch FROM builder WHERE lease_owner = %s"

# The fence, first in every transaction that writes for a builder. It compares
# owner and epoch, never time: a lease that ran out and that nobody took is ours,
# so a clock that is wrong can make no right write fail, and no wrong one pass.
FENCE = """
SELECT clean, builderok FROM builder
 WHERE id = %s AND lease_owner = %s AND lease_epoch = %s FOR NO KEY UPDATE
"""

BUILDER = f"SELECT {rows.BUILDER_COLUMNS} FROM builder b WHERE b.id = %s"

LIVE_ASSIGNMENT = f"""
SELECT {rows.ASSIGNMENT_COLUMNS} FROM attempt a JOIN job j ON j.build = a.build
 WHERE a.builder = %s AND a.state IN ('claimed', 'running', 'gathering')
"""

BEST = """
SELECT q.id, q.build FROM build_queue q
 WHERE q.builder IS NULL
   AND q.architecture IN
       (SELECT architecture FROM builder_architecture WHERE builder = %s)
   AND EXISTS (SELECT FROM job j WHERE j.build = q.build)
 ORDER BY q.score DESC, q.id LIMIT 1 FOR NO KEY UPDATE OF q SKIP LOCKED
"""

TAKE_QUEUE = "UPDATE build_queue SET builder = %s WHERE id = %s"

TAKE_BUILD = """
UPDATE build SET state = 'building', builder = %s,
       date_first_dispatched = coalesce(date_first_dispatched, clock_timestamp())
 WHERE id = %s AND state = 'needs_build'
"""

NEW_ATTEMPT = """
INSERT INTO attempt (build, queue, number, builder, manager, epoch, cookie)
SELECT %(build)s, %(queue)s, count(*) + 1, %(builder)s, %(owner)s, %(epoch)s, %(cookie)s
  FROM attempt WHERE build = %(build)s
RETURNING id
"""

SET_CLEAN = """
UPDATE builder SET clean = %s, date_clean_changed = clock_timestamp() WHERE id = %s
"""

HAS_LIVE = """
SELECT FROM attempt
 WHERE builder = %s AND state IN ('claimed', 'running', 'gathering')
"""

STARTED = Change(
    "running",
    """
UPDATE attempt SET state = 'running', date_started = clock_timestamp()
 WHERE id = %(attempt)s AND builder = %(builder)s AND state = 'claimed'
RETURNING build
""",
)

BUILD_STARTED = """
UPDATE build SET date_started = clock_timestamp() WHERE id = %s AND state = 'building'
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

ABANDON = Change(
    "abandoned",
    """
UPDATE attempt SET state = 'abandoned', date_ended = clock_timestamp(),
       outcome = %(outcome)s
 WHERE id = %(attempt)s AND builder = %(builder)s
   AND state IN ('claimed', 'running', 'gathering')
RETURNING build
""",
)

BUILD_AGAIN = """
UPDATE build SET state = 'needs_build', builder = NULL, date_started = NULL
 WHERE id = %s AND state IN ('building', 'gathering')
"""

QUEUE_AGAIN = "UPDATE build_queue SET builder = NULL, logtail = NULL WHERE build = %s"

RECORD = Change(
    "recorded",
    """
UPDATE attempt SET state = 'recorded', date_ended = clock_timestamp(),
       outcome = %(outcome)s
 WHERE id = %(attempt)s AND builder = %(builder)s AND state IN ('running', 'gathering')
RETURNING build
""",
)

ADD_RESULT = """
INSERT INTO result (attempt, build, queue, verdict, log)
SELECT id, build, queue, outcome, %s FROM attempt WHERE id = %s
"""

ADD_RESULT_FILES = """
INSERT INTO result_file (attempt, position, file)
SELECT %s, position, file FROM unnest(%s::bigint[]) WITH ORDINALITY AS f(file, position)
"""

ADD_UPLOAD = "INSERT INTO upload (attempt, manager) VALUES (%s, %s)"

BUILD_ENDED = """
UPDATE build SET state = %s, dependencies = %s, date_finished = clock_timestamp()
 WHERE id = %s AND state IN ('building', 'gathering')
"""

DEQUEUE = "DELETE FROM build_queue WHERE build = %s"

FAIL_BUILDER = "UPDATE builder SET builderok = false, failnotes = %s WHERE id = %s"

KEEP_VERSION = "UPDATE builder SET version = %s WHERE id = %s"

KEEP_TAILS = """
UPDATE build_queue q SET logtail = t.tail
  FROM unnest(%s::bigint[], %s::text[]) AS t(attempt, tail), attempt a
 WHERE a.id = t.attempt AND a.state IN ('claimed', 'running', 'gathering')
   AND q.id = a.queue
"""

AUDIT = """
INSERT INTO audit (manager, builder, attempt, epoch, what, detail)
VALUES (%s, %s, %s, %s, %s, %s)
"""
