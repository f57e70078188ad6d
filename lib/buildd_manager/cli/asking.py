"""``buildd-manager queue``, and why not: what is to be expected of a farm."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given
from buildd_manager.cli.showing import one_line, show_json, show_table
from buildd_manager.cli.times import duration


_LINE: Final = (
    "position",
    "id",
    "source",
    "version",
    "series",
    "arch",
    "score",
    "starts_in",
    "ends_in",
    "because",
)


@click.group()
def queue() -> None:
    """What waits, the next one first."""


@queue.command("list")
@click.option("--arch", help="Only what waits for this architecture.")
@click.option("--limit", type=int, default=50, show_default=True)
@as_json
@click.pass_context
def list_queue(context: click.Context, /, json: bool, **options: Any) -> None:
    """List what waits, and when it is likely to start and to end."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("queue", **given(options))
        show_json(found) if json else show_table(_LINE, map(_readable, found))

    run(context, work)


@click.command("why")
@click.argument("number", type=int)
@as_json
@click.pass_context
def why_build(context: click.Context, number: int, json: bool) -> None:
    """Say why a build waits, builder by builder."""

    async def work(farm: Any, _: Any) -> None:
        told = await farm.get("builds", number, "why")
        what = f"build {number}: {told['state']}"
        nothing = "nothing keeps it waiting: it is about to be built"
        _show_why(told, ("builder", "reason", "words", "build"), what, nothing, json)

    run(context, work)


@click.command("why")
@click.argument("name")
@as_json
@click.pass_context
def why_builder(context: click.Context, name: str, json: bool) -> None:
    """Say why a builder is idle, build by build."""

    async def work(farm: Any, _: Any) -> None:
        told = await farm.get("builders", name, "why")
        what = f"builder {told['builder']}"
        nothing = "nothing keeps it idle: it is about to be given a build"
        _show_why(told, ("build", "reason", "words"), what, nothing, json)

    run(context, work)


def _show_why(
    told: Mapping[str, Any],
    columns: Sequence[str],
    what: str,
    nothing: str,
    json: bool,
) -> None:
    if json:
        show_json(told)
        return
    click.echo(one_line(what))
    if not told["because"]:
        click.echo(nothing)
        return
    show_table(columns, told["because"])
    if told["left_out"]:
        click.echo(f"and {told['left_out']} more")


def _readable(place: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **place,
        "starts_in": duration(place["starts_in"]),
        "ends_in": duration(place["ends_in"]),
        "because": [one["words"] for one in place["because"]],
    }
