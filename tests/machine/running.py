"""Have farms happen."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import cast
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from buildd_manager.adapters.postgres import candidates
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.adapters.postgres.store import postgres_store
from tests.machine.clocked import ClockedDatabase
from tests.machine.farming import FarmMachine
from tests.machine.twins import Twins


#: The same histories each time; they take twenty seconds.
CALM = settings(
    max_examples=30,
    stateful_step_count=50,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def run(twins: Twins, how: settings = CALM) -> None:
    """
    Tell histories of farms to two stores.

    :raises AssertionError: If they do not remember the same, or a law is broken; with
        a short history that leads to it.
    """
    machine = cast("type[FarmMachine]", lambda: FarmMachine(twins))
    # One entry of the queue is read before its kinds are: both happens then.
    with patch.object(candidates, "FIRST", 1):
        run_state_machine_as_test(machine, settings=how)


@contextmanager
def two_stores() -> Iterator[Twins]:
    """Make a store in PostgreSQL, and one in memory, for a while."""
    with closing(ClockedDatabase()) as database:
        yield Twins(database, postgres_store(cast("Pool", database.pool)))
