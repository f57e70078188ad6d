"""Work that waits for a disk or burns a processor, off the reactor's thread."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorThreads
from twisted.internet.threads import deferToThreadPool


P = ParamSpec("P")
T = TypeVar("T")


@frozen
class Threads:
    """The threads of one reactor."""

    _reactor: IReactorThreads

    def run(
        self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[T]:
        """Do ``work`` in a thread; what it returns or raises comes back here."""
        pool = self._reactor.getThreadPool()
        return deferToThreadPool(self._reactor, pool, work, *args, **kwargs)
