"""``buildd-manager build``: what is built, and was."""

import codecs
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from buildd_manager.cli.errors import invalid
from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.showing import (
    SUMMARY,
    safe,
    show_fields,
    show_json,
    show_table,
)


ATTEMPT = ("number", "builder", "state", "claimed", "ended", "outcome")


@click.group()
def build() -> None:
    """What is built, and was."""


@build.command("list")
@click.option("--limit", type=int, default=50, show_default=True)
@click.option("--before", type=int, help="Only those older than this one.")
@as_json
@click.pass_context
def list_builds(
    context: click.Context,
    limit: int,
    before: int | None,
    json: bool,
) -> None:
    """List builds, newest first."""

    async def work(farm: Any, _: Any) -> None:
        page = {"limit": limit} | ({} if before is None else {"before": before})
        found = await farm.get("builds", **page)
        show_json(found) if json else show_table(SUMMARY, found)

    run(context, work)


@build.command("show")
@click.argument("number", type=int)
@as_json
@click.pass_context
def show_build(context: click.Context, number: int, json: bool) -> None:
    """Show all of a build."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("builds", number)
        if json:
            show_json(found)
            return
        attempts, tail = found.pop("attempts"), found.pop("log_tail")
        show_fields(found)
        show_table(ATTEMPT, attempts)
        if tail:
            click.echo(f"\n{safe(tail)}")

    run(context, work)


@build.command("log")
@click.argument("number", type=int)
@as_json
@click.pass_context
def show_log(context: click.Context, number: int, json: bool) -> None:
    """Show the log of a build, or its end while it is built."""

    async def work(farm: Any, _: Any) -> None:
        whole: list[bytes] = []
        await farm.stream(("builds", number, "log"), whole.append if json else _show())
        if json:
            log = b"".join(whole).decode("utf-8", "replace")
            show_json({"id": number, "log": log})

    run(context, work)


def _show() -> Callable[[bytes], object]:
    """Write a log as it is, but to a terminal nothing that it would obey."""
    if not sys.stdout.isatty():
        return sys.stdout.buffer.write
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda piece: click.echo(safe(decoder.decode(piece)), nl=False)


@build.command("files")
@click.argument("number", type=int)
@click.option("--to", type=click.Path(path_type=Path), help="Fetch them into here.")
@as_json
@click.pass_context
def list_files(
    context: click.Context,
    number: int,
    to: Path | None,
    json: bool,
) -> None:
    """List the results of a build, or fetch them."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("builds", number, "files")
        if to is not None:
            await _fetch_all(farm, found, to)
        columns = ("name", "size", "sha256", "url")
        show_json(found) if json else show_table(columns, found)

    run(context, work)


async def _fetch_all(farm: Any, files: list[Any], to: Path) -> None:
    from buildd_manager.cli.fetching import fetch  # noqa: PLC0415 - --help does without

    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise invalid("to", f"{to}: {error.strerror}", "go elsewhere") from error
    for file in files:
        await fetch(farm, file, to)
