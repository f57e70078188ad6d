"""Follow builds to their end."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import click
from twisted.internet.task import deferLater

from buildd_manager.cli.errors import NOT_BUILT, OK
from buildd_manager.cli.farm import Farm
from buildd_manager.cli.showing import safe


#: Seconds between looks.
PAUSE = 1.0

WANTED = "Fully built"


async def follow(farm: Farm, reactor: Any, builds: Sequence[int]) -> int:
    """
    Tell each change of state on standard error, until all builds have ended.

    :returns: The exit status: 0 only if all are fully built.
    """
    states: dict[int, Any] = {}
    with _status() as status:
        while True:
            for number in builds:
                build = await farm.get("builds", number)
                if states.get(number, {}).get("state") != build["state"]:
                    click.echo(_line(build), err=True)
                states[number] = build
            if all(build["final"] for build in states.values()):
                break
            if status is not None:
                status.update("  ".join(_now(one) for one in states.values()))
            await deferLater(reactor, PAUSE)
    built = all(build["state"] == WANTED for build in states.values())
    return OK if built else NOT_BUILT


def _status() -> Any:
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 - --help does without

    return Console(stderr=True).status("waiting")


def _line(build: dict[str, Any]) -> str:
    where = f" on {build['builder']}" if build["builder"] else ""
    return f"build {build['id']} ({build['arch']}): {build['state']}{where}"


def _now(build: dict[str, Any]) -> str:
    lines = safe(build["log_tail"] or "").strip().splitlines()
    last = lines[-1][:100].replace("[", "\\[") if lines else ""
    return f"{build['arch']} {build['state']} {last}"
