"""The real client of a worker at some address."""

from collections.abc import Callable
from typing import Any

from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.ports import IWorker
from buildd_manager.testing.strategies import BUILDER
from buildd_manager.testing.worker_case import Kept


#: What can be asked of a worker: by XML-RPC, and of its files.
QUESTIONS: tuple[Callable[[IWorker], Deferred[Any]], ...] = (
    lambda worker: worker.status(),
    lambda worker: worker.fetch_file("a" * 40, Kept(), 1),
)

#: Those of a release.
TIMES = Timeouts()


def worker_at(
    url: str, its_reactor: object = reactor, times: Timeouts = TIMES
) -> IWorker:
    """Make a client of the worker at ``url``."""
    workers = LaunchpadBuilddWorkers(its_reactor, times)
    return workers.worker_of(evolve(BUILDER, url=url))
