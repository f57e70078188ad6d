"""Many worlds, on as many processors as there are."""

import gc
import multiprocessing
from collections.abc import Iterator, Sequence
from os import cpu_count

from attrs import evolve, frozen

from tests.simulation.comparing import compared
from tests.simulation.errors import Errors
from tests.simulation.fates import Fate
from tests.simulation.guards import without
from tests.simulation.history import Outcome, live
from tests.simulation.storages import STORAGES, in_memory


@frozen(kw_only=True)
class Terms:
    """
    What all worlds of a run have in common.

    :ivar store: Of what kind their databases are.
    :ivar tell: Whether their stories are wanted.
    """

    store: str = "memory"
    tell: bool = False


class Runner:
    """Runs worlds one after the other."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._errors = Errors()
        self._errors.listen()
        self._storage = STORAGES[terms.store]()
        # What a world leaves behind is collected at its end; what is there now stays.
        gc.disable()
        gc.freeze()

    def run(self, fate: Fate) -> Outcome:
        """Run one world; if it is not in memory, there as well."""
        with without(fate.guard):
            outcome = live(fate, self._storage, self._errors)
            if self._storage is not in_memory:
                outcome = compared(outcome, live(fate, in_memory, self._errors))
        gc.collect()
        return outcome if self._terms.tell else evolve(outcome, story="")


#: Of a process that runs worlds for another one.
_runners: list[Runner] = []


def run_many(fates: Sequence[Fate], terms: Terms) -> Iterator[Outcome]:
    """Run worlds, in any order."""
    # A new process for each: PostgreSQL, and what is patched, are each one's own.
    context = multiprocessing.get_context("spawn")
    with context.Pool(cpu_count(), _prepare, (terms,)) as pool:
        yield from pool.imap_unordered(_run, fates, chunksize=4)


def _prepare(terms: Terms) -> None:
    _runners.append(Runner(terms))


def _run(fate: Fate) -> Outcome:
    return _runners[-1].run(fate)
