"""A chroot to build in, made of the machine's own archive, and kept for a week."""

import os
import time
from pathlib import Path

from lab.accounts import Account
from lab.environment import cache_directory
from lab.sources import Release


#: Seconds; an older one costs more in upgrades than it saves.
AGE = 7 * 24 * 3600


def chroot(who: Account, where: Release, architecture: str) -> Path:
    """
    Make the tarball, unless there is one that is young enough.

    :raises LabError: If it cannot be made.
    """
    directory = cache_directory() / "chroots"
    who.own(directory)
    tarball = directory / f"{where.codename}-{architecture}.tar.gz"
    if tarball.exists() and time.time() - tarball.stat().st_mtime < AGE:
        return tarball
    draft = tarball.with_name(f"draft-{os.getpid()}-{tarball.name}")
    try:
        who.run(
            "mmdebstrap",
            "--mode=unshare",
            "--variant=buildd",
            f"--architectures={architecture}",
            where.codename,
            str(draft),
            where.mirror,
        )
        draft.rename(tarball)
    finally:
        draft.unlink(missing_ok=True)
    return tarball
