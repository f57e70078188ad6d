"""What has to hold after each transaction."""

from collections.abc import Mapping
from typing import Any, cast

from attrs import frozen

from buildd_manager.domain.builders import Lease
from tests.simulation.facts import Facts, look
from tests.simulation.rules.builders import Builders
from tests.simulation.rules.leases import Epochs
from tests.simulation.rules.results import Results
from tests.simulation.rules.tables import Tables
from tests.simulation.seats import Seat


#: These change nothing that a rule is about.
_READING = frozenset(
    {
        "add_file",
        "builders",
        "find_build",
        "find_builder",
        "find_file",
        "keep_tails",
        "lease",
        "look",
        "origin_of",
        "pending_uploads",
    }
)


@frozen
class Commits:
    """Has all rules that are about the database looked after."""

    facts: Facts
    tables: Tables
    builders: Builders
    epochs: Epochs
    results: Results

    def done(
        self, seat: Seat, name: str, args: tuple[Any, ...], answer: object
    ) -> None:
        """Be told of a transaction that was committed."""
        if name == "lease":
            self.epochs.granted(seat, cast("Mapping[int, int]", answer))
        if name in _READING:
            return
        if args and isinstance(args[0], Lease):
            self.epochs.written(seat, args[0], name)
        if name == "record":
            _, attempt, result = args
            self.results.recorded(attempt, result)
        if name == "uploaded":
            self.results.published(args[0])
        if name == "change_builder":
            self.builders.changed(*args)
        seen = look(self.facts)
        self.tables.check(seen)
        self.builders.check(seen)
