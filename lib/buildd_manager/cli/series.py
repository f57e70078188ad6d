"""``buildd-manager series``: what is built for."""

from pathlib import Path
from typing import Any

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.showing import show, show_json, show_table


@click.group()
def series() -> None:
    """What is built for: series, their architectures and chroots."""


@series.command("add")
@click.argument("name")
@click.option("--distribution", default="debian", show_default=True)
@click.option("--component", default="main", show_default=True)
@click.option("--archive-line", "lines", multiple=True, help="For sources.list.")
@as_json
@click.pass_context
def add_series(
    context: click.Context,
    name: str,
    distribution: str,
    component: str,
    lines: tuple[str, ...],
    json: bool,
) -> None:
    """Add a series."""
    said: dict[str, Any] = {
        "name": name,
        "distribution": distribution,
        "component": component,
    }
    if lines:
        said["archive_lines"] = list(lines)

    async def work(farm: Any, _: Any) -> None:
        show(await farm.post("series", said=said), as_json=json)

    run(context, work)


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
        show_table(("name", "distribution", "component", "arches"), found)

    run(context, work)


@series.command("arch-add")
@click.argument("series")
@click.argument("arch")
@as_json
@click.pass_context
def add_arch(context: click.Context, series: str, arch: str, json: bool) -> None:
    """Build a series for one more architecture, once it has a chroot."""

    async def work(farm: Any, _: Any) -> None:
        said = {"architecture": arch}
        found = await farm.post("series", series, "architectures", said=said)
        show(found, as_json=json)

    run(context, work)


@series.command("chroot-set")
@click.argument("series")
@click.argument("arch")
@click.argument("tarball", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def set_chroot(
    context: click.Context,
    series: str,
    arch: str,
    tarball: Path,
    json: bool,
) -> None:
    """Build for an architecture in the chroot that is in TARBALL."""

    async def work(farm: Any, _: Any) -> None:
        from buildd_manager.cli.sending import file_body  # noqa: PLC0415 - for --help

        path = ("series", series, "architectures", arch, "chroot")
        body, kind = file_body(tarball), "application/octet-stream"
        found = await farm.send("PUT", *path, body=body, kind=kind, name=tarball.name)
        show(found, as_json=json)

    run(context, work)


def _arch(arch: dict[str, Any]) -> str:
    name: str = arch["arch"]
    return name if arch["chroot"] else f"{name} (no chroot)"
