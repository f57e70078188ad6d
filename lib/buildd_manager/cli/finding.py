"""Where the manager is, and what it wants to hear."""

import json
from pathlib import Path

from attrs import field, frozen

from buildd_manager.cli.errors import UNAUTHORISED, UNREACHABLE, CommandLineError
from buildd_manager.places import state_directory


@frozen
class Address:
    """The manager's address, and its secret."""

    url: str
    token: str = field(repr=False)


def find(state: Path | None, url: str | None, token_file: Path | None) -> Address:
    """
    Find the manager: by its state directory, or where we were told.

    :raises CommandLineError: If it is not there, or its secret cannot be read.
    """
    directory = state or state_directory()
    if url is None:
        url = _announced(directory)
    return Address(url.rstrip("/"), _token(token_file or directory / "api.token"))


def _announced(directory: Path) -> str:
    path = directory / "api.json"
    try:
        return str(json.loads(path.read_text(encoding="ascii"))["url"])
    except (OSError, ValueError, KeyError) as error:
        raise CommandLineError(
            UNREACHABLE,
            f"state: no manager runs in {directory};"
            " start one with twistd buildd-manager --state, or name another --state",
        ) from error


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise CommandLineError(
            UNAUTHORISED,
            f"token: {path} cannot be read;"
            " be the user that runs the manager, or name another --token-file",
        ) from error
