"""``buildd-manager audit``: who has changed what."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given
from buildd_manager.cli.showing import cell, show_json, show_table


_COLUMNS: Final = ("id", "time", "who", "kind", "name", "what", "changes")

#: Of what one may ask.
_KINDS: Final = ("archive", "series", "builder", "build", "source")


@click.command()
@click.option("--archive", help="Only what was done to this one.")
@click.option("--series", help="Only what was done to this one.")
@click.option("--builder", help="Only what was done to this one.")
@click.option("--build", type=int, help="Only what was done to this one.")
@click.option("--source", help="Only what was done to the one of this name.")
@click.option("--limit", type=int, default=50, show_default=True)
@click.option("--before", type=int, help="Only what is older than this entry.")
@as_json
@click.pass_context
def audit(context: click.Context, /, json: bool, **options: Any) -> None:
    """Show who has changed what, from what to what, the last first."""
    asked = given(options)
    named = {kind: asked.pop(kind) for kind in _KINDS if kind in asked}
    if len(named) > 1:
        raise click.UsageError(f"give one of --{', --'.join(named)}")
    for kind, name in named.items():
        asked |= {"kind": kind, "name": name}

    async def work(farm: Any, _: Any) -> None:
        found = await farm.get("audit", **asked)
        show_json(found) if json else show_table(_COLUMNS, map(_readable, found))

    run(context, work)


def _readable(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "changes": list(_in_words(entry["changes"]))}


def _in_words(changes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for field, change in changes.items():
        before, after = (cell(change[end]) or "nothing" for end in ("from", "to"))
        known = change["from"] is not None
        yield f"{field}: {before} -> {after}" if known else f"{field}: {after}"
