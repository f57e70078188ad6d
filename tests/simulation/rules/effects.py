"""What a manager does to a worker, and whether it may (I4, I5)."""

from attrs import frozen

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.jobs import AttemptState
from tests.simulation.chance import Chance
from tests.simulation.diary import Diary
from tests.simulation.facts import BuilderFact, Facts
from tests.simulation.faults import Fault
from tests.simulation.seats import Seat


@frozen
class Effects:
    """
    Checks each side effect when it is begun.

    A database whose clock is set ends leases early, and nobody can know; then it is
    the fence alone that keeps builds from harm.
    """

    _facts: Facts
    _chance: Chance
    _diary: Diary

    def check(self, seat: Seat, builder: str, what: str, cookie: str = "") -> None:
        """Make sure that ``seat`` may do something to a builder's worker."""
        fact = next(fact for fact in self._facts.builders() if fact.name == builder)
        if fact.owner == seat.manager and fact.lease > 0:
            if what in {"build", "ensure_present"}:
                self._check_claimed(fact, what, cookie)
        elif not {Fault.JUMP, Fault.LEAP} & self._chance.faults:
            what = f"{seat.name}: {what} on {builder}"
            self._diary.violate("I4", f"{what} without a lease")

    def _check_claimed(self, builder: BuilderFact, what: str, cookie: str) -> None:
        if builder.clean is not CleanState.DIRTY:
            self._diary.violate("I5", f"{what} on {builder.name} before it is DIRTY")
        if not any(
            attempt.builder == builder.id
            and attempt.state is AttemptState.CLAIMED
            and cookie in {"", attempt.cookie}
            for attempt in self._facts.attempts()
        ):
            self._diary.violate("I5", f"{what} on {builder.name} before it is claimed")
