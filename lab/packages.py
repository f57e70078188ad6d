"""The Debian packages that a real build needs on this machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from lab.accounts import LabError


#: What each package is needed for, by a command of it.
REAL_BUILD: Mapping[str, str] = {
    "sbuild": "sbuild",
    "mmdebstrap": "mmdebstrap",
    "uidmap": "newuidmap",
    "dpkg-dev": "dpkg-source",
}


def missing() -> list[str]:
    """Name the packages that are not there."""
    return [name for name, command in REAL_BUILD.items() if not _has(command)]


def ensure() -> None:
    """
    Install what is missing, if that is allowed.

    :raises LabError: Otherwise, with the command that does.
    """
    if not (names := missing()):
        return
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    if (prefix := _root()) is None:
        raise LabError(
            f"a real build needs {', '.join(names)};"
            f" run as root: {' '.join(install)}\n"
            "(make run BENCH=canned needs none of them)"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["apt-get", "update"], install):
        done = subprocess.run(
            [*prefix, *words],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode and words is install:
            raise LabError(f"{' '.join(words)} failed:\n{done.stderr[-3000:]}")


def may_be_had() -> bool:
    """Tell whether all are there, or may be installed."""
    return not missing() or _root() is not None


def _has(command: str) -> bool:
    return shutil.which(command, path="/usr/sbin:/usr/bin:/sbin:/bin") is not None


def _root() -> list[str] | None:
    """Give what makes a command be run as root, if anything does without a word."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    allowed = subprocess.run([sudo, "-n", "true"], check=False, capture_output=True)
    return [sudo, "-n"] if allowed.returncode == 0 else None
