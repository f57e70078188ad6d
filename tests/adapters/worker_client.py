"""The real client of a worker at some address."""

from attrs import evolve
from twisted.internet import reactor

from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.ports import IWorker
from buildd_manager.testing.strategies import BUILDER


#: Those of a release.
TIMES = Timeouts()


def worker_at(
    url: str, its_reactor: object = reactor, times: Timeouts = TIMES
) -> IWorker:
    """Make a client of the worker at ``url``."""
    workers = LaunchpadBuilddWorkers(its_reactor, times)
    return workers.worker_of(evolve(BUILDER, url=url))
