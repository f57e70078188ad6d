"""Where the manager is, and what it wants to hear."""

import json
from pathlib import Path

from attrs import field, frozen

from buildd_manager.cli.errors import (
    UNAUTHORISED,
    UNREACHABLE,
    CommandLineError,
    invalid,
)
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
    if url is not None and token_file is None:
        # The secret of the manager that lives here is not for others to hear.
        raise invalid("--url", "its secret is missing", "add --token-file FILE")
    directory = state or state_directory()
    if url is None:
        url, named = _announced(directory)
        token_file = token_file or directory / named
    assert token_file is not None  # noqa: S101 - it is, by now
    return Address(_checked(url), _token(token_file))


def _announced(directory: Path) -> tuple[str, str]:
    path = directory / "api.json"
    try:
        said = json.loads(path.read_text(encoding="ascii"))
        return str(said["url"]), str(said["token_file"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CommandLineError(
            UNREACHABLE,
            "state",
            f"no manager runs in {directory}",
            "start one with twistd buildd-manager --state, or name another --state",
        ) from error


def _checked(url: str) -> str:
    from buildd_manager.domain.checks import check_url  # noqa: PLC0415 - for --help
    from buildd_manager.domain.errors import InvalidError  # noqa: PLC0415

    try:
        return check_url(url, "--url")
    except InvalidError as error:
        raise invalid(error.field, error.fault, error.mend) from error


def _token(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    if not token or not token.isprintable():
        raise _unreadable(path)
    return token


def _unreadable(path: Path) -> CommandLineError:
    return CommandLineError(
        UNAUTHORISED,
        "token",
        f"{path} cannot be read, or has none",
        "be the user that runs the manager, or name another --token-file",
    )
