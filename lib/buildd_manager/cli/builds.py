"""``buildd-manager build``: what is built, and was."""

import codecs
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from buildd_manager.cli.choosing import choosing
from buildd_manager.cli.errors import invalid
from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given
from buildd_manager.cli.showing import (
    SUMMARY,
    safe,
    show_fields,
    show_json,
    show_table,
)
from buildd_manager.cli.times import duration


ATTEMPT = ("number", "builder", "state", "claimed", "ended", "cause", "outcome")


@click.group()
def build() -> None:
    """What is built, and was."""


@build.command("list")
@choosing
@click.option("--limit", type=int, default=50, show_default=True)
@click.option("--before", type=int, help="Only those older than this one.")
@as_json
@click.pass_context
def list_builds(context: click.Context, /, json: bool, **options: Any) -> None:
    """List builds, newest first; of some kind, if that is said."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("builds", **given(options))
        show_json(found) if json else show_table(SUMMARY, found)

    run(context, work)


@build.command("show")
@click.argument("number", type=int)
@as_json
@click.pass_context
def show_build(context: click.Context, number: int, json: bool) -> None:
    """Show all of a build, and when it is likely to start and to end."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("builds", number)
        if not found["final"]:
            expected = await farm.get("builds", number, "forecast")
            found |= {name: expected[name] for name in ("starts_in", "ends_in")}
        show_json(found) if json else _show_build(found)

    run(context, work)


def _show_build(found: dict[str, Any]) -> None:
    attempts, tail = found.pop("attempts"), found.pop("log_tail")
    found["scored"] = [_points(term) for term in found["scored"]]
    for name in ("estimate", "starts_in", "ends_in"):
        if name in found:
            found[name] = duration(found[name])
    show_fields(found)
    show_table(ATTEMPT, attempts)
    if tail:
        click.echo(f"\n{safe(tail)}")


def _points(term: dict[str, Any]) -> str:
    return f"{term['points']:+d} {term['words']}"


@build.command("log")
@click.argument("number", type=int)
@click.option("--attempt", type=int, help="Of this attempt, the first of which is 1.")
@as_json
@click.pass_context
def show_log(
    context: click.Context, number: int, attempt: int | None, json: bool
) -> None:
    """Show the log of a build, or its end while it is built."""
    of_attempt = () if attempt is None else ("attempts", attempt)

    async def work(farm: Any, _: Any) -> None:
        whole: list[bytes] = []
        path = ("builds", number, *of_attempt, "log")
        await farm.stream(path, whole.append if json else _show())
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
            await _fetch_all(farm, number, found, to)
        columns = ("name", "size", "sha256", "url")
        show_json(found) if json else show_table(columns, found)

    run(context, work)


async def _fetch_all(farm: Any, number: int, files: list[Any], to: Path) -> None:
    from buildd_manager.cli.fetching import fetch  # noqa: PLC0415 - --help does without

    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise invalid("to", f"{to}: {error.strerror}", "go elsewhere") from error
    for file in files:
        await fetch(farm, number, file, to)
