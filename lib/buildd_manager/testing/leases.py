"""Who may act on which builder, in memory."""

from collections.abc import Mapping

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.errors import LeaseLostError, OvertakenError
from buildd_manager.testing.rows import BuilderRow, Rows


def lease(rows: Rows, manager: str, seconds: float) -> Mapping[int, int]:
    """Renew a manager's leases, and take what is free."""
    now = rows.clock.seconds()
    for row in rows.builders.values():
        if row.owner != manager or row.until <= now:
            if row.owner is not None and row.until > now:
                continue
            row.owner, row.epoch = manager, row.epoch + 1
        row.until = now + seconds
    return held(rows, manager)


def held(rows: Rows, manager: str) -> Mapping[int, int]:
    """Tell what a manager has leased."""
    return {
        number: row.epoch
        for number, row in rows.builders.items()
        if row.owner == manager
    }


def release(rows: Rows, manager: str, epochs: Mapping[int, int]) -> None:
    """Give leases of a manager back, unless they are others by now."""
    for number, epoch in epochs.items():
        row = rows.builders.get(number)
        if row is not None and (row.owner, row.epoch) == (manager, epoch):
            row.owner = None


def fence(rows: Rows, lease: Lease) -> BuilderRow:
    """
    Give the builder of a lease.

    :raises LeaseLostError: If it is no longer ours.
    """
    row = rows.builders.get(lease.builder)
    if row is None or (row.owner, row.epoch) != (lease.owner, lease.epoch):
        raise LeaseLostError(f"builder {lease.builder} is not ours")
    return row


def refuse_live(rows: Rows, lease: Lease) -> None:
    """
    Go no further if the builder has a job.

    :raises OvertakenError: If it has.
    """
    if rows.live_attempt(lease.builder) is not None:
        raise OvertakenError(f"builder {lease.builder} has a live attempt")
