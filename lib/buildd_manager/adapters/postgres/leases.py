"""Who may act on which builder, and what is written of it, in PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.errors import LeaseLostError, OvertakenError


REGISTER = """
INSERT INTO manager (id, name, version) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
  started = clock_timestamp(), heartbeat = clock_timestamp()
"""

RELEASE = """
UPDATE builder SET lease_owner = NULL, lease_until = NULL
  FROM unnest(%s::int[], %s::bigint[]) AS held (id, epoch)
 WHERE builder.id = held.id AND lease_epoch = held.epoch AND lease_owner = %s
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
# so a clock that is wrong can make no right write fail, and no wrong one pass. The
# builder comes before all else in Note [Order of locks] of submitting.
FENCE = """
SELECT clean, builderok, on_trial FROM builder
 WHERE id = %s AND lease_owner = %s AND lease_epoch = %s FOR NO KEY UPDATE
"""

HAS_LIVE = """
SELECT FROM attempt
 WHERE builder = %s AND state IN ('claimed', 'running', 'gathering')
"""

SET_CLEAN = """
UPDATE builder SET clean = %(clean)s,
       date_clean_changed = CASE WHEN clean = %(clean)s THEN date_clean_changed
                                 ELSE clock_timestamp() END
 WHERE id = %(builder)s
"""

AUDIT = """
INSERT INTO audit (manager, builder, attempt, epoch, what, detail)
VALUES (%s, %s, %s, %s, %s, %s)
"""


async def register(
    cursor: Any, manager: str, name: str, version: str
) -> Mapping[int, int]:
    """Make a manager known, and tell what it has leased."""
    await cursor.execute(REGISTER, (manager, name, version))
    return await _held(cursor, manager)


async def release(cursor: Any, manager: str, epochs: Mapping[int, int]) -> None:
    """Give leases of a manager back, unless they are others by now."""
    values = (list(epochs), list(epochs.values()), manager)
    await cursor.execute(RELEASE, values)


async def lease(cursor: Any, manager: str, seconds: float) -> Mapping[int, int]:
    """Renew a manager's leases, and take what is free."""
    await cursor.execute(HEARTBEAT, (manager,))
    await cursor.execute(RENEW, (seconds, manager))
    await cursor.execute(ACQUIRE, (manager, seconds))
    return await _held(cursor, manager)


async def fence(cursor: Any, lease: Lease) -> tuple[CleanState, bool, bool]:
    """
    Make sure that a builder is ours, until the transaction ends.

    :returns: What is known of its machine, whether it is ok, and whether on trial.
    :raises LeaseLostError: If it is not ours.
    """
    await cursor.execute(FENCE, (lease.builder, lease.owner, lease.epoch))
    if (row := cursor.fetchone()) is None:
        raise LeaseLostError(f"builder {lease.builder} is not ours")
    clean, ok, on_trial = row
    return CleanState(clean), ok, on_trial


async def refuse_live(cursor: Any, lease: Lease) -> None:
    """
    Go no further if the builder has a job.

    :raises OvertakenError: If it has.
    """
    await cursor.execute(HAS_LIVE, (lease.builder,))
    if cursor.rowcount:
        raise OvertakenError(f"builder {lease.builder} has a live attempt")


async def set_clean(cursor: Any, lease: Lease, clean: CleanState) -> None:
    """Say what is known of the machine's state, and since when."""
    values = {"clean": clean.value, "builder": lease.builder}
    await cursor.execute(SET_CLEAN, values)


async def audit(
    cursor: Any, lease: Lease, attempt: int | None, what: str, detail: str | None = None
) -> None:
    """Write down what was done, for good."""
    values = (lease.owner, lease.builder, attempt, lease.epoch, what, detail)
    await cursor.execute(AUDIT, values)


async def _held(cursor: Any, manager: str) -> Mapping[int, int]:
    await cursor.execute(HELD, (manager,))
    return dict(cursor.fetchall())
