"""As whom PostgreSQL runs, and where that user can go."""

import os
import pwd
import stat
from pathlib import Path

from attrs import frozen

from buildd_manager.domain.errors import StartError


#: Whom root becomes if nobody is named.
_USUAL = ("postgres", "nobody")


@frozen
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    def closed(self, path: Path) -> Path | None:
        """Find the first directory on the way to ``path`` that does not let it in."""
        for directory in (*reversed(path.parents), path):
            if directory.is_dir() and not self._may_enter(directory.stat()):
                return directory
        return None

    def own(self, path: Path) -> None:
        """Give ``path`` to this user, if that is somebody else."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)

    def _may_enter(self, found: os.stat_result) -> bool:
        if self.uid == found.st_uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if self.gid == found.st_gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def ourselves() -> Account:
    """
    Tell who we are.

    :raises StartError: If this user has no name, as happens in containers.
    """
    try:
        return _named(pwd.getpwuid(os.geteuid()))
    except KeyError as error:
        raise StartError(
            f"user {os.geteuid()} is not in /etc/passwd, and PostgreSQL wants a name;"
            " add it there, or use a database elsewhere"
        ) from error


def account(run_as: str | None) -> Account:
    """
    Choose as whom PostgreSQL runs; as root it refuses to.

    :param run_as: A user's name; only root may choose.
    :raises StartError: If that cannot be.
    """
    us = ourselves()
    if us.uid != 0:
        if run_as not in (None, us.name):
            raise StartError(
                f"{us.name} cannot run PostgreSQL as {run_as}; run the manager as root"
            )
        return us
    for name in _USUAL if run_as is None else (run_as,):
        try:
            found = _named(pwd.getpwnam(name))
        except KeyError:
            continue
        if found.uid != 0:
            return found
    raise StartError(
        f"PostgreSQL cannot run as {run_as or 'root'};"
        " add a user postgres, or run the manager as somebody else"
    )


def _named(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
