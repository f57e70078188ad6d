"""What is shown: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import click


#: The columns of a list of builds.
SUMMARY: Final = ("id", "source", "version", "series", "arch", "state", "builder")

_COLOURS: Final = {
    "Fully built": "green",
    "Failed to build": "red",
    "Failed to upload": "red",
    "Chroot wait": "red",
    "Manual dependency wait": "yellow",
    "Currently building": "cyan",
}


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """Show one thing, to a program or to people."""
    if as_json:
        show_json(value)
    else:
        show_fields(value)


def show_json(value: object) -> None:
    """Show one document."""
    click.echo(json.dumps(value, indent=2))


def show_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Show a row for each of ``rows``, in full where nobody looks."""
    titles = [column.replace("_", " ") for column in columns]
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    if sys.stdout.isatty():
        _show_rich(titles, cells)
    else:
        _show_plain([titles, *cells])


def show_fields(value: Mapping[str, Any]) -> None:
    """Show one thing, a line for each of what is known of it."""
    width = max(len(name) for name in value)
    for name, content in value.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {cell(content)}".rstrip())


def cell(value: Any) -> str:
    """Put a value in words, on one line and without control characters."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(cell(one) for one in value)
        case {"name": name, "url": url}:
            return one_line(f"{name} ({url})" if url else name)
        case dict():
            return ", ".join(f"{name}={cell(one)}" for name, one in value.items())
        case _:
            return safe(str(value), keep="")


def safe(text: str, keep: str = "\n\t") -> str:
    """Make control characters visible, so that no terminal obeys a log."""
    return "".join(c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text)


def one_line(text: str) -> str:
    """Make ``text`` one line without control characters."""
    return safe(text, keep="")


def _show_plain(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _show_rich(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - --help does without
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*titles, box=None, pad_edge=False, show_edge=False)
    for line in cells:
        table.add_row(*(Text(text, _COLOURS.get(text, "")) for text in line))
    Console(highlight=False).print(table)
