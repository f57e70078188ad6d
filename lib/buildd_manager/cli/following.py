"""Follow builds to their end."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final

import click
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from buildd_manager.cli.errors import NOT_BUILT, OK, UNREACHABLE, CommandLineError
from buildd_manager.cli.farm import Farm
from buildd_manager.cli.showing import one_line


#: Seconds between looks.
PAUSE: Final = 1.0

#: Looks in vain before we give up: a manager may be started anew meanwhile.
_PATIENCE: Final = 60

WANTED: Final = "Fully built"

Build = Mapping[str, Any]


async def follow(farm: Farm, reactor: IReactorTime, builds: Sequence[int]) -> int:
    """
    Tell each change of state on standard error, until all builds have ended.

    :returns: The exit status: 0 only if all are fully built.
    """
    states: dict[int, Build] = {}
    with _status() as status:
        while True:
            for number in builds:
                build = await _look(farm, reactor, number)
                if states.get(number, {}).get("state") != build["state"]:
                    click.echo(one_line(_line(build)), err=True)
                states[number] = build
            if all(build["final"] for build in states.values()):
                break
            status.update("  ".join(_now(one) for one in states.values()))
            await deferLater(reactor, PAUSE)
    built = all(build["state"] == WANTED for build in states.values())
    return OK if built else NOT_BUILT


async def _look(farm: Farm, reactor: IReactorTime, number: int) -> Build:
    for _ in range(_PATIENCE):
        try:
            build: Build = await farm.get("builds", number)
        except CommandLineError as error:
            if error.status != UNREACHABLE:
                raise
            await deferLater(reactor, PAUSE)
        else:
            return build
    return await farm.get("builds", number)  # type: ignore[no-any-return]


class _NoStatus:
    """Where nobody looks, changes alone are told."""

    def update(self, text: str) -> None:
        pass


def _status() -> Any:
    if not sys.stderr.isatty():
        return nullcontext(_NoStatus())
    from rich.console import Console  # noqa: PLC0415 - --help does without

    return Console(stderr=True).status("waiting")


def _line(build: Build) -> str:
    where = f" on {build['builder']}" if build["builder"] else ""
    return f"build {build['id']} ({build['arch']}): {build['state']}{where}"


def _now(build: Build) -> str:
    """Say what happens now; to rich, ``[`` would mean something."""
    lines = (build["log_tail"] or "").strip().splitlines()
    last = one_line(lines[-1])[:100].replace("[", "\\[") if lines else ""
    return f"{build['arch']} {build['state']} {last}"
