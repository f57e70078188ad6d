"""``buildd-manager archive``: where packages are published."""

from collections.abc import Callable
from functools import reduce
from typing import Any, Final, TypeVar

import click

from buildd_manager.cli.reading import PATH, key_in, secret_in
from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given, say
from buildd_manager.cli.showing import cell, show, show_json, show_table


F = TypeVar("F", bound=Callable[..., Any])

#: What may be said of an archive at any time.
_DETAILS: Final = (
    click.option("--url", help="http(s)://HOST/PATH, for apt."),
    click.option("--score", type=int, help="Points for its builds, or against them."),
    click.option(
        "--virtualized-only/--any-builder",
        "require_virtualized",
        default=None,
        help="Which builders may build for it.",
    ),
    click.option(
        "--security/--no-security", default=None, help="Build for that pocket?"
    ),
    click.option(
        "--obsolete/--no-obsolete", default=None, help="Build for such series?"
    ),
    click.option("--debug-symbols/--no-debug-symbols", default=None),
    click.option(
        "--external-line",
        "external_lines",
        multiple=True,
        help="For sources.list; in it, %(series)s is the series. May be repeated.",
    ),
    click.option("--secret-file", type=PATH, help="To be let in; - is what comes in."),
    click.option("--key-file", type=PATH, help="What it is signed with."),
)


@click.group()
def archive() -> None:
    """Where packages are published, and what builds get from there."""


def _described(command: F) -> F:
    return reduce(lambda done, option: option(done), reversed(_DETAILS), command)


@archive.command("add")
@click.argument("name")
@click.option("--purpose", help="primary, ppa (unless said), partner or copy.")
@click.option("--distribution", default="debian", show_default=True)
@click.option("--private", is_flag=True, help="Only its secret lets one in.")
@_described
@as_json
@click.pass_context
def add_archive(context: click.Context, /, json: bool, **options: Any) -> None:
    """Add an archive."""
    _say(context, "POST", "archives", options=options, json=json)


@archive.command("list")
@as_json
@click.pass_context
def list_archives(context: click.Context, json: bool) -> None:
    """List all archives."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("archives")
        if json:
            show_json(found)
            return
        columns = ("name", "purpose", "distribution", "enabled", "private", "url")
        show_table(columns, found)

    run(context, work)


@archive.command("show")
@click.argument("name")
@as_json
@click.pass_context
def show_archive(context: click.Context, name: str, json: bool) -> None:
    """Show an archive; of its secret only whether there is one."""

    async def work(farm: Any, _: Any) -> None:
        _show(await farm.get("archives", name), as_json=json)

    run(context, work)


@archive.command("edit")
@click.argument("name")
@click.option("--enable/--disable", "enabled", default=None, help="Build for it?")
@_described
@click.option("--no-external-lines", is_flag=True)
@as_json
@click.pass_context
def edit_archive(
    context: click.Context,
    /,
    name: str,
    no_external_lines: bool,
    json: bool,
    **options: Any,
) -> None:
    """Change what is said of an archive, and leave the rest."""
    if no_external_lines:
        options["external_lines"] = []
    _say(context, "PATCH", "archives", name, options=options, json=json)


@archive.command("depend")
@click.argument("name")
@click.argument("other")
@click.option("--pocket", help="release, unless another is said.")
@click.option("--component", help="That of the source, unless another is said.")
@click.option("--remove", is_flag=True, help="Depend on it no more.")
@as_json
@click.pass_context
def depend(
    context: click.Context,
    /,
    name: str,
    other: str,
    remove: bool,
    json: bool,
    **options: Any,
) -> None:
    """Have builds for archive NAME use packages of archive OTHER, too."""
    method = "DELETE" if remove else "PUT"
    path = ("archives", name, "dependencies", other)
    said = {} if remove else options
    say(context, method, *path, said=said, json=json, shown=_show)


def _say(
    context: click.Context, *words: str, options: dict[str, Any], json: bool
) -> None:
    secret_file, key_file = options.pop("secret_file"), options.pop("key_file")

    async def work(farm: Any, _: Any) -> None:
        options["secret"] = secret_in(secret_file, "--secret-file")
        options["signing_key"] = key_in(key_file, "--key-file")
        _show(await farm.say(*words, said=given(options)), as_json=json)

    run(context, work)


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    if not as_json:
        told["depends_on"] = [_dependency(one) for one in told["depends_on"]]
    show(told, as_json=as_json)


def _dependency(one: dict[str, Any]) -> str:
    return " ".join(cell(word) for word in one.values() if word is not None)
