"""Nobody writes after somebody who came later (I4)."""

from collections.abc import Mapping

from attrs import define, field

from buildd_manager.domain.builders import Lease
from tests.simulation.diary import Diary
from tests.simulation.seats import Seat


@define
class Epochs:
    """
    Remembers the latest epoch of each builder that was given away or written with.

    :ivar _owners: Who had it, by the builder.
    """

    _diary: Diary
    _latest: dict[int, int] = field(factory=dict)
    _owners: dict[int, str] = field(factory=dict)

    def granted(self, seat: Seat, epochs: Mapping[int, int]) -> None:
        """Be told of the leases that somebody was given."""
        for builder, epoch in epochs.items():
            self._diary.covered[f"lease: {self._how(seat, builder, epoch)}"] += 1
            self._advance(builder, epoch, "a lease")
            self._owners[builder] = seat.manager

    def _how(self, seat: Seat, builder: int, epoch: int) -> str:
        if builder not in self._owners:
            return "first"
        if self._owners[builder] != seat.manager:
            return "taken over"
        return "renewed" if epoch == self._latest[builder] else "taken again"

    def written(self, seat: Seat, lease: Lease, what: str) -> None:
        """Be told of a write under a lease that was accepted."""
        self._advance(lease.builder, lease.epoch, f"{seat.name}: {what}")

    def _advance(self, builder: int, epoch: int, what: str) -> None:
        latest = self._latest.get(builder, 0)
        if epoch < latest:
            self._diary.violate(
                "I4", f"{what} with epoch {epoch} of builder {builder} after {latest}"
            )
        self._latest[builder] = max(epoch, latest)
