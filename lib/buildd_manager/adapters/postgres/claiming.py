"""Builders are given builds, in PostgreSQL."""

from typing import Any

from buildd_manager.adapters.postgres import candidates as sql
from buildd_manager.adapters.postgres import looking
from buildd_manager.adapters.postgres.leases import (
    audit,
    fence,
    refuse_live,
    set_clean,
)
from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import Assignment


# A build that somebody else is taking, or changing, is passed by. See Note [Order of
# locks] in submitting: the build comes before its entry in the queue.
LOCK_BUILD = """
SELECT FROM build WHERE id = %s AND state = 'needs_build' FOR NO KEY UPDATE SKIP LOCKED
"""

TAKE_ENTRY = "UPDATE build_queue SET builder = %s WHERE id = %s AND builder IS NULL"

TAKE_BUILD = """
UPDATE build SET state = 'building', builder = %s,
       date_first_dispatched = coalesce(date_first_dispatched, clock_timestamp())
 WHERE id = %s
"""

NEW_ATTEMPT = """
INSERT INTO attempt (build, queue, number, builder, manager, epoch, cookie, chroot)
SELECT b.id, %(queue)s, (SELECT count(*) + 1 FROM attempt WHERE build = b.id),
       %(builder)s, %(owner)s, %(epoch)s, %(cookie)s, c.chroot
  FROM build b
  JOIN source s ON s.id = b.source
  JOIN nearest_chroot c ON c.arch_series = b.arch_series AND c.pocket = s.pocket
 WHERE b.id = %(build)s
RETURNING id
"""

ADD_CANARY = """
INSERT INTO build (source, arch_series, arch_indep, virtualized, resources, score,
                   estimate, canary)
SELECT source, arch_series, arch_indep, virtualized, resources, score, estimate, true
  FROM build WHERE id = %s
RETURNING id
"""

ENQUEUE_CANARY = """
INSERT INTO build_queue (build, architecture, virtualized, arch_series, archive,
                         purpose, pocket, resources, score)
SELECT b.id, a.architecture, b.virtualized, a.id, ar.id, ar.purpose, s.pocket,
       b.resources, b.score
  FROM build b
  JOIN arch_series a ON a.id = b.arch_series
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
 WHERE b.id = %s
RETURNING id, build
"""


async def claim(cursor: Any, lease: Lease, nonce: str) -> Assignment | None:
    """Give the builder of a lease the best build for it."""
    clean, ok, on_trial = await fence(cursor, lease)
    await refuse_live(cursor, lease)
    if clean is not CleanState.CLEAN or not ok:
        raise OvertakenError(f"builder {lease.builder} is not clean and ok")
    entry = await _canary(cursor, lease) if on_trial else None
    entry = entry or await _best(cursor, lease)
    if entry is None:
        return None
    queue, build = entry
    await _take(cursor, lease, Cookie(build, queue, nonce))
    return await looking.assignment(cursor, lease.builder)


async def _best(cursor: Any, lease: Lease) -> tuple[int, int] | None:
    """Take the best entry of the queue, and keep others from it."""
    passed: list[int] = []
    while True:
        values = {"builder": lease.builder, "open": sql.OPEN, "first": sql.FIRST}
        await cursor.execute(sql.BEST, {**values, "passed": passed})
        if (row := cursor.fetchone()) is None:
            return None
        queue, build = row
        await cursor.execute(LOCK_BUILD, (build,))
        if cursor.rowcount:
            await cursor.execute(TAKE_ENTRY, (lease.builder, queue))
            if cursor.rowcount:
                return queue, build
        passed.append(queue)


async def _canary(cursor: Any, lease: Lease) -> tuple[int, int] | None:
    """Queue what is known to be good once more, if there is such a build."""
    await cursor.execute(sql.KNOWN_GOOD, {"builder": lease.builder})
    if (known := cursor.fetchone()) is None:
        return None
    await cursor.execute(ADD_CANARY, known)
    await cursor.execute(ENQUEUE_CANARY, cursor.fetchone())
    queue, build = cursor.fetchone()
    await cursor.execute(TAKE_ENTRY, (lease.builder, queue))
    return queue, build


async def _take(cursor: Any, lease: Lease, cookie: Cookie) -> None:
    await cursor.execute(TAKE_BUILD, (lease.builder, cookie.build))
    await set_clean(cursor, lease, CleanState.DIRTY)
    attempt = {
        "build": cookie.build,
        "queue": cookie.queue,
        "builder": lease.builder,
        "owner": lease.owner,
        "epoch": lease.epoch,
        "cookie": str(cookie),
    }
    await cursor.execute(NEW_ATTEMPT, attempt)
    if (row := cursor.fetchone()) is None:
        raise OvertakenError(f"the chroot of build {cookie.build} is gone")
    await audit(cursor, lease, row[0], "claimed", str(cookie))
