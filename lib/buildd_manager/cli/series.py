"""``buildd-manager series``: what is built for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given, say
from buildd_manager.cli.showing import show_fields, show_json, show_table


F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def series() -> None:
    """What is built for: series, their architectures and chroots."""


def _changeable(command: F) -> F:
    """Take what may be said of a series at any time."""
    strict = click.option(
        "--strict/--lax",
        "strict_components",
        default=None,
        help="Whether main uses only main.",
    )
    return click.option(
        "--nominated-arch", help="Builds what is for all architectures."
    )(strict(command))


@series.command("add")
@click.argument("name")
@click.option("--distribution", default="debian", show_default=True)
@click.option("--status", help="development, unless said.")
@click.option(
    "--component",
    "components",
    multiple=True,
    default=("main",),
    show_default=True,
    help="The first is for sources that name none. May be repeated.",
)
@_changeable
@click.option(
    "--archive-line",
    "archive_lines",
    multiple=True,
    help="For sources.list, while its primary archive has no address.",
)
@as_json
@click.pass_context
def add_series(context: click.Context, /, json: bool, **options: Any) -> None:
    """Add a series."""
    options["component"] = options["components"][0]
    say(context, "POST", "series", said=options, json=json, shown=_show)


@series.command("list")
@as_json
@click.pass_context
def list_series(context: click.Context, json: bool) -> None:
    """List all series."""

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("series")
        if json:
            show_json(found)
            return
        for one in found:
            one["arches"] = [_arch(arch) for arch in one["arches"]]
        columns = ("name", "distribution", "status", "components", "arches")
        show_table(columns, found)

    run(context, work)


@series.command("show")
@click.argument("name")
@as_json
@click.pass_context
def show_series(context: click.Context, name: str, json: bool) -> None:
    """Show a series, its architectures and chroots."""

    async def work(farm: Any, _: Any) -> None:
        _show(await farm.get("series", name), as_json=json)

    run(context, work)


@series.command("edit")
@click.argument("name")
@click.option(
    "--status",
    help="experimental, development, frozen, current, supported, obsolete or future.",
)
@_changeable
@as_json
@click.pass_context
def edit_series(
    context: click.Context, /, name: str, json: bool, **options: Any
) -> None:
    """Change what is said of a series, and leave the rest."""
    say(context, "PATCH", "series", name, said=options, json=json, shown=_show)


@series.command("arch-add")
@click.argument("series")
@click.argument("arch")
@as_json
@click.pass_context
def add_arch(context: click.Context, series: str, arch: str, json: bool) -> None:
    """Build a series for one more architecture, once it has a chroot."""
    path, said = ("series", series, "architectures"), {"architecture": arch}
    say(context, "POST", *path, said=said, json=json, shown=_show)


@series.command("arch-edit")
@click.argument("series")
@click.argument("arch")
@click.option("--enable/--disable", "enabled", default=None, help="Build for it?")
@click.option(
    "--virtualized/--no-virtualized",
    default=None,
    help="May virtual builders build for it?",
)
@click.option("--nonvirtualized/--no-nonvirtualized", default=None, help="May others?")
@click.option("--wall", type=float, help="Seconds that a build may take; 0: learn it.")
@click.option(
    "--silence", type=float, help="Seconds without a word in its log; 0: learn it."
)
@as_json
@click.pass_context
def edit_arch(
    context: click.Context, /, series: str, arch: str, json: bool, **options: Any
) -> None:
    """Change what is said of an architecture, and leave the rest."""
    path = ("series", series, "architectures", arch)
    say(context, "PATCH", *path, said=options, json=json, shown=_show)


@series.command("chroot-set")
@click.argument("series")
@click.argument("arch")
@click.argument("tarball", type=click.Path(path_type=Path))
@click.option("--pocket", help="release, unless said; it serves others, too.")
@as_json
@click.pass_context
def set_chroot(
    context: click.Context,
    series: str,
    arch: str,
    tarball: Path,
    pocket: str | None,
    json: bool,
) -> None:
    """Build for an architecture in the chroot that is in TARBALL."""

    async def work(farm: Any, _: Any) -> None:
        from buildd_manager.cli.sending import file_body  # noqa: PLC0415 - for --help

        path = ("series", series, "architectures", arch, "chroot")
        body, kind = file_body(tarball), "application/octet-stream"
        more = given({"name": tarball.name, "pocket": pocket})
        found = await farm.send("PUT", *path, body=body, kind=kind, **more)
        _show(found, as_json=json)

    run(context, work)


@series.command("chroot-unset")
@click.argument("series")
@click.argument("arch")
@click.option("--pocket", help="release, unless said.")
@as_json
@click.pass_context
def unset_chroot(
    context: click.Context, series: str, arch: str, pocket: str | None, json: bool
) -> None:
    """Build a pocket in the chroot of the next one."""
    path = ("series", series, "architectures", arch, "chroot")
    more = {"pocket": pocket}
    say(context, "DELETE", *path, said={}, json=json, shown=_show, **more)


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(told)
        return
    arches = told.pop("arches")
    show_fields(told)
    columns = ("arch", "enabled", "virtualized", "nonvirtualized", "wall", "silence")
    for arch in arches:
        files = arch["chroots"].items()
        arch["chroots"] = [f"{pocket}: {file['name']}" for pocket, file in files]
    if arches:
        click.echo()
        show_table((*columns, "chroots"), arches)


def _arch(arch: dict[str, Any]) -> str:
    remarks = [] if arch["chroots"] else ["no chroot"]
    remarks += [] if arch["enabled"] else ["disabled"]
    name: str = arch["arch"]
    return f"{name} ({', '.join(remarks)})" if remarks else name
