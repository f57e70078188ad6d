"""
The Debian packages that the lab needs, which are installed if that is allowed.

``python -m lab.packages venv`` needs nothing but Python's own library.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

from lab.commands import ForbiddenError, LabError, run


_VENV = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"

#: For a purpose, what each package is needed for: a command of it, or a module.
NEEDED: Mapping[str, Mapping[str, str]] = {
    "venv": {_VENV: "ensurepip"},
    "build": {
        "sbuild": "sbuild",
        "mmdebstrap": "mmdebstrap",
        "uidmap": "newuidmap",
        "dpkg-dev": "dpkg-source",
    },
}


def missing(purpose: str) -> list[str]:
    """Name the packages that are not there."""
    return [name for name, thing in NEEDED[purpose].items() if not _is_there(thing)]


def advice(names: Iterable[str]) -> str:
    """Say what to do about packages that are not there."""
    return f"{' '.join(names)} missing; run as root:\n    {' '.join(_install(names))}"


def ensure(purpose: str) -> None:
    """
    Install what is missing.

    :raises ForbiddenError: If we may not, with the command that does.
    :raises LabError: If it fails.
    """
    if not (names := missing(purpose)):
        return
    if (prefix := _as_root()) is None:
        raise ForbiddenError(advice(names))
    print(f"==> installing {' '.join(names)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # A list that is out of date, or of somebody else's, may still do.
    _attempt([*prefix, "apt-get", "update"], environment)
    run(*prefix, *_install(names), environment=environment)


def main(purposes: Iterable[str]) -> int:
    """Make sure of what is needed for ``purposes``; give the exit status."""
    try:
        for purpose in purposes:
            ensure(purpose)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _install(names: Iterable[str]) -> list[str]:
    return ["apt-get", "install", "--yes", "--no-install-recommends", *names]


def _is_there(thing: str) -> bool:
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    return shutil.which(thing, path=path) is not None or find_spec(thing) is not None


def _as_root() -> list[str] | None:
    """Give what makes a command be run as root, if anything does without a word."""
    if os.geteuid() == 0:
        return []
    try:
        run("sudo", "-n", "true")
    except LabError:
        return None
    # sudo forgets the environment.
    return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]


def _attempt(words: list[str], environment: Mapping[str, str]) -> None:
    try:
        run(*words, environment=environment)
    except LabError as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
