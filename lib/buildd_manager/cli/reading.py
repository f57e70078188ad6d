"""Read what must not, or cannot, stand among the words of a command."""

from base64 import b64encode
from pathlib import Path
from typing import Final

import click

from buildd_manager.cli.errors import invalid


#: Bytes of a secret, or of a key.
_MOST: Final = 96 * 1024

#: A file; ``-`` is what comes in.
PATH: Final = click.Path(path_type=Path, allow_dash=True)


def secret_in(path: Path | None, option: str) -> str | None:
    """
    Read a secret, which others would see among the words of a command.

    :raises CommandLineError: If it cannot be read.
    """
    if path is None:
        return None
    try:
        return _content(path, option).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise invalid(option, f"{path} is not ASCII", "give a secret") from error


def key_in(path: Path | None, option: str) -> str | None:
    """
    Read a public key, armoured or not.

    :raises CommandLineError: If it cannot be read.
    """
    return None if path is None else b64encode(_content(path, option)).decode()


def _content(path: Path, option: str) -> bytes:
    mend = f"name a file of {_MOST} bytes at most, or - for what comes in"
    try:
        with click.open_file(str(path), "rb") as file:
            content: bytes = file.read(_MOST + 1)
    except OSError as error:
        raise invalid(option, f"{path}: {error.strerror}", mend) from error
    if len(content) > _MOST:
        raise invalid(option, f"{path} is too large", mend)
    return content
