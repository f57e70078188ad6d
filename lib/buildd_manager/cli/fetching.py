"""Fetch the results of a build into a directory."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from buildd_manager.cli.errors import CONFLICT, CommandLineError, invalid
from buildd_manager.cli.farm import Farm
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.files import check_name


async def fetch(farm: Farm, build: int, file: Mapping[str, Any], to: Path) -> None:
    """
    Fetch one file of a build; it has its name only once all of it is there.

    What has no address for all comes from the manager itself.

    :raises CommandLineError: If there is such a file already, or what comes is not
        what the manager has promised.
    """
    target = to / _checked(file["name"])
    if target.exists():
        raise _taken(target)
    draft, sums = target.with_name(f".{target.name}.{os.getpid()}"), sha256()
    try:
        with draft.open("xb") as content:

            def take(piece: bytes) -> None:
                sums.update(piece)
                content.write(piece)

            if file["url"] is None:
                path = ("builds", build, "files", file["name"])
                await farm.stream(path, take, file["size"])
            else:
                await farm.download(file["url"], take, file["size"])
        if sums.hexdigest() != file["sha256"]:
            raise invalid(file["name"], "it did not arrive whole", "fetch it again")
        _name(draft, target)
    except OSError as error:
        raise invalid("to", f"{target}: {error.strerror}", "go elsewhere") from error
    finally:
        draft.unlink(missing_ok=True)


def _checked(name: str) -> str:
    try:
        return check_name(name)
    except InvalidError as error:
        raise invalid(error.field, error.fault, "fetch it by its address") from error


def _name(draft: Path, target: Path) -> None:
    """Give the file its name, unless somebody else has taken it meanwhile."""
    try:
        target.hardlink_to(draft)
    except FileExistsError as error:
        raise _taken(target) from error


def _taken(target: Path) -> CommandLineError:
    mend = "move it away, or go elsewhere"
    return CommandLineError(CONFLICT, "to", f"{target} is there already", mend)
