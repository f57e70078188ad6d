"""Scanners of builders that are not judged before five failures."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.errors import LeaseLostError
from buildd_manager.domain.policy import Policy
from buildd_manager.ports import IBuildStore
from buildd_manager.services.judging import Judging
from buildd_manager.services.scanner import Scanner
from buildd_manager.services.settling import Settling
from buildd_manager.services.visits import Tenure
from buildd_manager.services.weather import Weather


def scanner(
    store: IBuildStore,
    builder: int,
    scan: Callable[[], Deferred[None]],
    clock: Clock,
    delay: float = 0.0,
    weather: Weather | None = None,
) -> Scanner:
    """Make one that scans every fifteen seconds."""
    policy, tenure = Policy(), Tenure(_nobodys, clock, 30.0)
    weather = weather or Weather(clock, policy)
    judging = Judging(builder, store, Settling(store), tenure, weather, policy)
    return Scanner("bob", scan, judging, clock, interval=15, delay=delay)


def _nobodys() -> Lease:
    raise LeaseLostError("nobody has leased it")
