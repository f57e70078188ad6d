"""Run one command, and end as it does."""

import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn
from uuid import uuid4

import click

from buildd_manager.cli.errors import BUG, INTERRUPTED, OK, CommandLineError
from buildd_manager.cli.finding import Address, find
from buildd_manager.cli.showing import safe


#: Set, it has a bug of ours end with a traceback, for those who mend it.
TRACEBACK = "BUILDD_MANAGER_TRACEBACK"

as_json = click.option("--json", "json", is_flag=True, help="Say it to a program.")


def run(
    context: click.Context, work: "Callable[[Any, Any], Awaitable[int | None]]"
) -> NoReturn:
    """
    Do ``work`` with a farm and a reactor, and exit with the status that it gives.

    Whatever goes wrong is one line on standard error.
    """
    try:
        address = find(**context.obj)
    except CommandLineError as error:
        sys.exit(tell(error))
    sys.exit(_react(address, work))


def tell(error: CommandLineError) -> int:
    """Tell people of ``error``, in one line; give the exit status."""
    click.echo(" ".join(safe(f"error: {error}").split()), err=True)
    return error.status


def _react(
    address: Address, work: "Callable[[Any, Any], Awaitable[int | None]]"
) -> int:
    from twisted.internet.defer import Deferred  # noqa: PLC0415 - --help does without
    from twisted.internet.task import react  # noqa: PLC0415

    from buildd_manager.cli.farm import Farm  # noqa: PLC0415

    # Unless the work ends, somebody has ended it: react stops at an interrupt.
    ended = [INTERRUPTED]

    async def main(reactor: Any) -> None:
        try:
            ended[0] = await work(Farm(address, reactor), reactor) or OK
            sys.stdout.flush()
        except CommandLineError as error:
            ended[0] = tell(error)
        except BrokenPipeError:
            ended[0] = _end_of_pipe()
        except Exception as error:  # noqa: BLE001 - the end of the line
            ended[0] = _confess(error)

    with suppress(SystemExit):
        react(lambda reactor: Deferred.fromCoroutine(main(reactor)))
    return ended[0]


def _end_of_pipe() -> int:
    """Whoever reads has had enough: nor is he there for Python's own last words."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _confess(error: Exception) -> int:
    if TRACEBACK in os.environ:
        import traceback  # noqa: PLC0415 - seldom needed

        traceback.print_exc()
    fault = f"{type(error).__name__}: {error}, {uuid4().hex[:12]}"
    mend = f"please report it; with {TRACEBACK}=1 it says where"
    return tell(CommandLineError(BUG, "bug", fault, mend))
