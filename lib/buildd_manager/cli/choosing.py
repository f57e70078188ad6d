"""Which builds are meant, in the words of the command line."""

from collections.abc import Callable
from functools import reduce
from typing import Any, Final, TypeVar

import click


F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option("--state", multiple=True, help="As in failed_to_build; repeatable."),
    click.option("--cause", multiple=True, help="As in network, oom; repeatable."),
    click.option("--source", help="Of this source."),
    click.option("--archive", help="For this archive."),
    click.option("--series", help="For this series."),
    click.option("--arch", help="For this architecture."),
    click.option("--builder", help="Whose last attempt was on this builder."),
)


def choosing(command: F) -> F:
    """Let a command be told which builds are meant."""
    return reduce(lambda done, option: option(done), reversed(_OPTIONS), command)
