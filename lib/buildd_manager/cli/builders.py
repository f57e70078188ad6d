"""``buildd-manager builder``: who builds."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import say
from buildd_manager.cli.showing import show, show_json, show_table


F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def builder() -> None:
    """Who builds."""


def _with_resources(command: F) -> F:
    restricted = click.option(
        "--restricted-resource",
        "restricted_resources",
        multiple=True,
        help="What is for builds only that ask for all of these. May be repeated.",
    )
    return click.option(
        "--resource",
        "resources",
        multiple=True,
        help="What builds may ask for. May be repeated.",
    )(restricted(command))


@builder.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--arch", "arches", multiple=True, required=True, help="May be repeated.")
@click.option("--virtualized", is_flag=True, help="Reset it before each job.")
@click.option("--vm-host", help="What the reset command is told.")
@click.option(
    "--reset-protocol",
    help="1.1, unless said: it is clean when the reset command ends;"
    " or 2.0: when somebody says builder set-clean.",
)
@_with_resources
@click.option("--manual", is_flag=True, help="Do not dispatch to it.")
@as_json
@click.pass_context
def add_builder(context: click.Context, /, json: bool, **options: Any) -> None:
    """Add a builder; URL is http://HOST:PORT of its launchpad-buildd."""
    say(context, "POST", "builders", said=options, json=json)


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


@builder.command("edit")
@click.argument("name")
@click.option("--enable/--disable", "ok", default=None, help="May it be used?")
@click.option("--notes", help="Why it is not used.")
@click.option("--manual/--auto", default=None, help="Do people give it its work?")
@click.option("--arch", "arches", multiple=True, help="Instead. May be repeated.")
@_with_resources
@click.option("--no-resources", is_flag=True)
@click.option("--no-restricted-resources", is_flag=True)
@as_json
@click.pass_context
def edit_builder(
    context: click.Context,
    /,
    name: str,
    no_resources: bool,
    no_restricted_resources: bool,
    json: bool,
    **options: Any,
) -> None:
    """Change what is said of a builder, and leave the rest."""
    if no_resources:
        options["resources"] = []
    if no_restricted_resources:
        options["restricted_resources"] = []
    say(context, "PATCH", "builders", name, said=options, json=json)


@builder.command("set-clean")
@click.argument("name")
@as_json
@click.pass_context
def set_clean(context: click.Context, name: str, json: bool) -> None:
    """Say that a builder has been reset, as the reset command had asked for."""
    say(context, "POST", "builders", name, "clean", said={}, json=json)
