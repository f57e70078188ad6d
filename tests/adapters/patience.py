"""Wait in tests for what happens in its own time."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from twisted.internet import reactor
from twisted.internet.task import deferLater


E = TypeVar("E", bound=BaseException)

#: Seconds after which something that has to happen has not happened.
PATIENCE = 30.0


async def pause(seconds: float) -> None:
    """Let the reactor run for a while."""
    await deferLater(reactor, seconds)


async def until(true: Callable[[], object]) -> None:
    """Wait until ``true()``."""
    deadline = reactor.seconds() + PATIENCE
    while not true():
        if reactor.seconds() > deadline:
            raise AssertionError("it does not happen")
        await pause(0.005)


async def failing(doing: Awaitable[object], kind: type[E]) -> E:
    """Wait until ``doing`` fails, and give its error, which is a ``kind``."""
    try:
        await doing
    except kind as error:
        return error
    raise AssertionError(f"it does not raise {kind.__name__}")
