"""Say something to a manager, and show what it answers."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from buildd_manager.cli.running import run
from buildd_manager.cli.showing import show


def say(
    context: click.Context,
    method: str,
    *path: str,
    said: Mapping[str, Any],
    json: bool,
    shown: Callable[..., None] = show,
    **parameters: Any,
) -> None:
    """
    Say something to the manager, and show what it answers.

    :param said: Options; those that nobody has given are left out.
    :param json: Whether a program is to read the answer.
    :param shown: Shows the answer, to a program or to people.
    """

    async def work(farm: Any, _: Any) -> None:
        told = await farm.say(method, *path, said=given(said), **given(parameters))
        shown(told, as_json=json)

    run(context, work)


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what nobody has given."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value is not None and value != ()
    }
