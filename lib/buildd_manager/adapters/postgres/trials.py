"""What is known of a builder that has no job, in PostgreSQL."""

from typing import Any

from buildd_manager.adapters.postgres import leases
from buildd_manager.adapters.postgres.leases import audit, fence, refuse_live
from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.errors import OvertakenError


INTRODUCE = "UPDATE builder SET introduced = true, version = %s WHERE id = %s"

PUT_ON_TRIAL = """
UPDATE builder SET builderok = true, on_trial = true, introduced = false,
       failure_count = 0, date_trial = NULL
 WHERE id = %s AND NOT builderok AND date_trial <= clock_timestamp()
"""


async def introduce(cursor: Any, lease: Lease, version: str | None) -> None:
    """Remember that a builder is what it should be."""
    await fence(cursor, lease)
    await cursor.execute(INTRODUCE, (version, lease.builder))


async def set_clean(
    cursor: Any, lease: Lease, before: CleanState, after: CleanState
) -> None:
    """Remember the state of a builder that has no job, and was in another."""
    clean, *_ = await fence(cursor, lease)
    await refuse_live(cursor, lease)
    if clean is not before:
        raise OvertakenError(f"builder {lease.builder} is {clean.value} by now")
    await leases.set_clean(cursor, lease, after)


async def put_on_trial(cursor: Any, lease: Lease) -> None:
    """Use a builder again that had failed."""
    await fence(cursor, lease)
    await refuse_live(cursor, lease)
    await cursor.execute(PUT_ON_TRIAL, (lease.builder,))
    if cursor.rowcount != 1:
        raise OvertakenError(f"builder {lease.builder} is not to be tried now")
    await leases.set_clean(cursor, lease, CleanState.DIRTY)
    await audit(cursor, lease, None, "on trial")
