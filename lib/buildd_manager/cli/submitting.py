"""``buildd-manager submit``: have a source package built."""

from pathlib import Path
from typing import Any

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given
from buildd_manager.cli.showing import SUMMARY, show_json, show_table


@click.command()
@click.argument("dsc", type=click.Path(path_type=Path))
@click.option("--series", "-s", required=True, help="For which it is built.")
@click.option("--archive", help="The primary one, unless said.")
@click.option("--pocket", help="release (unless said), proposed, updates, backports.")
@click.option("--component", help="The first of the series, unless said.")
@click.option("--urgency", help="low (unless said), medium, high or emergency.")
@click.option("--resource", multiple=True, help="Of the builder. May be repeated.")
@click.option("--score", type=int, help="Instead of ours; the highest goes first.")
@click.option("--wait", is_flag=True, help="Follow the builds to their end.")
@as_json
@click.pass_context
def submit(
    context: click.Context,
    /,
    dsc: Path,
    wait: bool,
    json: bool,
    **options: Any,
) -> None:
    """Have a source package built: DSC, and the files that it lists beside it."""

    async def work(farm: Any, reactor: Any) -> int:
        from buildd_manager.cli.following import follow  # noqa: PLC0415 - for --help
        from buildd_manager.cli.sending import tar_body  # noqa: PLC0415
        from buildd_manager.cli.sources import files_of  # noqa: PLC0415

        found = await farm.send(
            "POST",
            "sources",
            body=tar_body(files_of(dsc)),
            kind="application/x-tar",
            **given(options),
        )
        builds = found["builds"]
        show_json(found) if json else show_table(SUMMARY, builds)
        if not wait:
            return 0
        return await follow(farm, reactor, [build["id"] for build in builds])

    run(context, work)
