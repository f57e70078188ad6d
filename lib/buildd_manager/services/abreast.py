"""Do the same for many, so many at a time."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from twisted.internet.defer import Deferred, DeferredList, DeferredSemaphore


T = TypeVar("T")
R = TypeVar("R")

#: As many builders are looked at, at a time, as do not wait long for the database.
WIDTH = 50


def abreast(
    work: Callable[[T], Deferred[R]], items: Iterable[T], width: int = WIDTH
) -> Deferred[list[R]]:
    """
    Do ``work`` on each of ``items``, and give what came of it, in their order.

    It fires when all has ended, even if some of it failed: then it fails with the
    first failure, in that order.
    """
    return Deferred.fromCoroutine(_all(work, items, DeferredSemaphore(width)))


async def _all(
    work: Callable[[T], Deferred[R]], items: Iterable[T], turns: DeferredSemaphore
) -> list[R]:
    working = [turns.run(work, item) for item in items]
    ended = await DeferredList(working, consumeErrors=True)
    for well, outcome in ended:
        if not well:
            outcome.raiseException()  # type: ignore[attr-defined] # it is a Failure
    return [outcome for _, outcome in ended]
