"""A chroot to build in, made of the machine's own archive, and kept for a week."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from lab.accounts import Account
from lab.archive import Release
from lab.environment import cache_directory


#: Seconds; an older one costs more in upgrades than it saves.
AGE = 7 * 24 * 3600


def chroot_path(where: Release, architecture: str) -> Path:
    """Say where the tarball is, if it is there."""
    return cache_directory() / "chroots" / f"{where.suite}-{architecture}.tar.gz"


def ensure_chroot(
    who: Account,
    where: Release,
    architecture: str,
    heard: Callable[[str], object] = lambda _: None,
) -> Path:
    """
    Make the tarball, unless there is one that is young enough.

    :param heard: Told what is done, line by line; it may take minutes.
    :raises LabError: If it cannot be made.
    """
    tarball = chroot_path(where, architecture)
    who.own(tarball.parent)
    if tarball.exists() and time.time() - tarball.stat().st_mtime < AGE:
        return tarball
    draft = tarball.with_name(f"draft-{os.getpid()}-{tarball.name}")
    words = ["--mode=unshare", "--variant=buildd", f"--architectures={architecture}"]
    try:
        who.run(
            "mmdebstrap", *words, where.suite, str(draft), where.mirror, heard=heard
        )
        draft.replace(tarball)
    finally:
        draft.unlink(missing_ok=True)
    return tarball
