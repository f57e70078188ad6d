"""Run one command, and end as it does."""

import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn
from uuid import uuid4

import click

from buildd_manager.cli.errors import BUG, OK, CommandLineError
from buildd_manager.cli.finding import Address, find


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
        sys.exit(_tell(error))
    sys.exit(_react(address, work))


def _react(
    address: Address, work: "Callable[[Any, Any], Awaitable[int | None]]"
) -> int:
    from twisted.internet.defer import Deferred  # noqa: PLC0415 - --help does without
    from twisted.internet.task import react  # noqa: PLC0415

    from buildd_manager.cli.farm import Farm  # noqa: PLC0415

    ended = [BUG]

    async def main(reactor: Any) -> None:
        try:
            ended[0] = await work(Farm(address, reactor), reactor) or OK
        except CommandLineError as error:
            ended[0] = _tell(error)
        except Exception:  # noqa: BLE001 - the end of the line
            ended[0] = _confess()

    with suppress(SystemExit):
        react(lambda reactor: Deferred.fromCoroutine(main(reactor)))
    return ended[0]


def _tell(error: CommandLineError) -> int:
    click.echo(f"error: {error.line}", err=True)
    return error.status


def _confess() -> int:
    number = uuid4().hex[:12]
    traceback.print_exc()
    click.echo(f"error: this is a bug, {number}; please report it", err=True)
    return BUG
