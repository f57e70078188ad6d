"""``buildd-manager builder``: who builds."""

from typing import Any

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.showing import show, show_json, show_table


@click.group()
def builder() -> None:
    """Who builds."""


@builder.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--arch", "arches", multiple=True, required=True, help="May be repeated.")
@click.option("--virtualized", is_flag=True, help="Reset it before each job.")
@click.option("--vm-host", help="What the reset command is told.")
@click.option("--manual", is_flag=True, help="Do not dispatch to it.")
@as_json
@click.pass_context
def add_builder(
    context: click.Context, /, json: bool, vm_host: str | None, **said: Any
) -> None:
    """Add a builder; URL is http://HOST:PORT of its launchpad-buildd."""
    said["arches"] = list(said["arches"])
    if vm_host is not None:
        said["vm_host"] = vm_host

    async def work(farm: Any, _: Any) -> None:
        show(await farm.post("builders", said=said), as_json=json)

    run(context, work)


@builder.command("list")
@as_json
@click.pass_context
def list_builders(context: click.Context, json: bool) -> None:
    """List all builders."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("builders")
        columns = ("name", "arches", "ok", "manual", "clean", "version", "url")
        show_json(found) if json else show_table(columns, found)

    run(context, work)


@builder.command("show")
@click.argument("name")
@as_json
@click.pass_context
def show_builder(context: click.Context, name: str, json: bool) -> None:
    """Show a builder, and what it builds."""

    async def work(farm: Any, _: Any) -> None:
        show(await farm.get("builders", name), as_json=json)

    run(context, work)
