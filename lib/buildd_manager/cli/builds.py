"""``buildd-manager submit`` and ``build``: what is built, and was."""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from buildd_manager.cli.errors import CONFLICT, CommandLineError, invalid
from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.showing import safe, show_fields, show_json, show_table


SUMMARY = ("id", "source", "version", "series", "arch", "state", "builder")
ATTEMPT = ("number", "builder", "state", "claimed", "ended", "outcome")


@click.command()
@click.argument("dsc", type=click.Path(path_type=Path))
@click.option("--series", "-s", required=True)
@click.option("--score", type=int, default=0, help="The highest is built first.")
@click.option("--wait", is_flag=True, help="Follow the builds to their end.")
@as_json
@click.pass_context
def submit(
    context: click.Context,
    dsc: Path,
    series: str,
    score: int,
    wait: bool,
    json: bool,
) -> None:
    """Have a source package built: DSC, and the files that it lists beside it."""

    async def work(farm: Any, reactor: Any) -> int:
        from buildd_manager.cli.following import follow  # noqa: PLC0415 - for --help
        from buildd_manager.cli.sources import packed  # noqa: PLC0415

        with packed(dsc) as body:
            found = await farm.send(
                "POST", "sources", body=body, series=series, score=score
            )
        builds = found["builds"]
        show_json(found) if json else show_table(SUMMARY, builds)
        if not wait:
            return 0
        return await follow(farm, reactor, [build["id"] for build in builds])

    run(context, work)


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
@click.pass_context
def show_log(context: click.Context, number: int) -> None:
    """Show the log of a build, or its end while it is built."""

    def show(piece: bytes) -> None:
        if sys.stdout.isatty():
            click.echo(safe(piece.decode("utf-8", "replace")), nl=False)
        else:
            sys.stdout.buffer.write(piece)

    async def work(farm: Any, _: Any) -> None:
        await farm.stream(("builds", number, "log"), show)
        sys.stdout.flush()

    run(context, work)


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
            to.mkdir(parents=True, exist_ok=True)
            for file in found:
                await _fetch(farm, file, to)
        columns = ("name", "size", "sha256", "url")
        show_json(found) if json else show_table(columns, found)

    run(context, work)


async def _fetch(farm: Any, file: dict[str, Any], to: Path) -> None:
    target = to / file["name"]
    if target.exists():
        raise CommandLineError(
            CONFLICT, f"to: {target} is there already; move it away, or go elsewhere"
        )
    draft, sums = target.with_name(f".{target.name}.new"), sha256()
    try:
        with draft.open("wb") as content:

            def take(piece: bytes) -> None:
                sums.update(piece)
                content.write(piece)

            await farm.download(file["url"], take)
        if sums.hexdigest() != file["sha256"]:
            raise invalid(file["name"], "it did not arrive whole", "fetch it again")
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
