"""Many worlds, on as many processors as there are."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

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
    """Run worlds, in any order, as long as somebody wants to know of them."""
    # A new process for each: PostgreSQL, and what is patched, are each one's own.
    # Unlike multiprocessing's pools this one fails if somebody kills a process of it.
    with ProcessPoolExecutor(
        mp_context=get_context("spawn"), initializer=_prepare, initargs=(terms,)
    ) as pool:
        try:
            for done in as_completed([pool.submit(_run, fate) for fate in fates]):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _prepare(terms: Terms) -> None:
    _runners.append(Runner(terms))


def _run(fate: Fate) -> Outcome:
    return _runners[-1].run(fate)
