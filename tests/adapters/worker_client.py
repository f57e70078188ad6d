"""The real client of a worker at some address."""

from attrs import evolve
from twisted.internet import reactor

from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.ports import IWorker
from buildd_manager.testing.strategies import BUILDER


def worker_at(url: str, its_reactor: object = reactor) -> IWorker:
    """Make a client of the worker at ``url``, with the times of a release."""
    workers = LaunchpadBuilddWorkers(its_reactor, Timeouts())
    return workers.worker_of(evolve(BUILDER, url=url))
