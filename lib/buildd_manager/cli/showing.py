"""What is shown: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click


#: Columns where nobody looks: nothing is cut off for programs.
_WIDE = 2_000


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """Show one thing, to a program or to people."""
    if as_json:
        show_json(value)
    else:
        show_fields(value)


def show_json(value: object) -> None:
    """Show one document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Show a row for each of ``rows``, in full where nobody looks."""
    from rich.console import Console  # noqa: PLC0415 - --help does without
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), no_wrap=not sys.stdout.isatty())
    for row in rows:
        table.add_row(*(Text(cell(row.get(column))) for column in columns))
    console.print(table)


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
            return f"{name} ({url})"
        case dict():
            return ", ".join(f"{name}={cell(one)}" for name, one in value.items())
        case _:
            return safe(str(value), keep="")


def safe(text: str, keep: str = "\n\t") -> str:
    """Make control characters visible, so that no terminal obeys a log."""
    return "".join(c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text)
