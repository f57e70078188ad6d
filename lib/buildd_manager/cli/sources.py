"""A source package on disk, checked before anything of it is sent."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from buildd_manager.adapters.dsc import LARGEST_DSC, parse_dsc
from buildd_manager.cli.errors import invalid
from buildd_manager.domain.errors import InvalidError


def files_of(dsc: Path) -> Sequence[Path]:
    """
    Find a ``.dsc`` and the files that it lists, which are beside it.

    :raises CommandLineError: If one is missing or is not the one listed.
    """
    if not dsc.is_file():
        raise invalid("dsc", f"{dsc} is no file", "name a .dsc")
    if dsc.stat().st_size > LARGEST_DSC:
        raise invalid("dsc", f"{dsc} is too large for one", "name a .dsc")
    try:
        source = parse_dsc(dsc.name, dsc.read_bytes())
    except InvalidError as error:
        raise invalid(error.field, error.fault, error.mend) from error
    except OSError as error:
        raise invalid("dsc", f"{dsc}: {error.strerror}", "name another") from error
    for file in source.files:
        _check(dsc.with_name(file.name), file.size, file.sha256)
    return [dsc, *(dsc.with_name(file.name) for file in source.files)]


def _check(path: Path, size: int, sha256: str) -> None:
    if not path.is_file():
        raise invalid(path.name, "the .dsc lists it, it is missing", "put it beside")
    mend = "get the file that the .dsc was made for"
    try:
        if path.stat().st_size != size:
            raise invalid(path.name, f"it does not have {size} bytes as listed", mend)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise invalid(path.name, "its checksum (SHA-256) is another one", mend)
    except OSError as error:
        raise invalid(
            path.name, f"it cannot be read: {error.strerror}", mend
        ) from error
