"""Whom the worker runs as: sbuild's user namespaces are not for root."""

import os
import pwd
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import frozen

from lab.commands import ForbiddenError, LabError, run


#: Who builds when root runs the lab, and where that user lives.
NAME, HOME = "buildd-lab", "/var/lib/buildd-lab"

#: Subordinate ids that a user namespace needs, and the first of them.
IDS, FIRST_ID = 65536, 100_000

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy")


@frozen
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int
    home: Path

    @property
    def is_other(self) -> bool:
        """Whether it is another one than who runs this."""
        return self.uid != os.geteuid()

    def argv(self, *words: str) -> list[str]:
        """Make a command be run as this user, and end when we do."""
        prefix = ["setpriv", "--pdeathsig", "TERM"]
        if self.is_other:
            prefix += ["--reuid", str(self.uid), "--regid", str(self.gid)]
            prefix += ["--init-groups"]
        return [*prefix, "--", *words]

    def run(self, *words: str, heard: Callable[[str], object] = lambda _: None) -> str:
        """
        Run a command to its end.

        :raises LabError: If it fails.
        """
        return run(*self.argv(*words), environment=self.environment(), heard=heard)

    def environment(self, **more: str) -> dict[str, str]:
        """Make an environment, with nothing in it that was meant for somebody else."""
        return {
            "HOME": str(self.home),
            "USER": self.name,
            "LOGNAME": self.name,
            "LANG": "C.UTF-8",
            "PATH": _PATH,
            **{name: os.environ[name] for name in _PROXIES if name in os.environ},
            **more,
        }

    def own(self, path: Path) -> None:
        """Give it a directory, which is made if need be."""
        path.mkdir(parents=True, exist_ok=True)
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def ourselves() -> Account:
    """Give who runs this."""
    try:
        return _account(pwd.getpwuid(os.geteuid()))
    except KeyError as error:
        raise LabError(f"user {os.geteuid()} is not in /etc/passwd") from error


def builder() -> Account:
    """Give who may build: who runs this, but for root a user made for the purpose."""
    if os.geteuid() != 0:
        return ourselves()
    try:
        return _account(pwd.getpwnam(NAME))
    except KeyError:
        run("useradd", "--create-home", "--home-dir", HOME, "--shell", "/bin/sh", NAME)
        return _account(pwd.getpwnam(NAME))


def ensure_subordinate_ids(who: Account) -> None:
    """
    Make sure that the user may map ids, as namespaces need.

    :raises ForbiddenError: If we may not change that, with the command that does.
    """
    words = []
    for kind in ("uid", "gid"):
        path = Path(f"/etc/sub{kind}")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if not has_ids(lines, who):
            first = free_id(lines)
            words += [f"--add-sub{kind}s", f"{first}-{first + IDS - 1}"]
    if not words:
        return
    command = ["usermod", *words, who.name]
    if os.geteuid() != 0:
        raise ForbiddenError(
            f"{who.name} has no subordinate ids, which a user namespace needs;"
            f" run as root:\n    {' '.join(command)}"
        )
    run(*command)


def ensure_namespaces(who: Account) -> None:
    """
    Make sure that the user may have namespaces, as mmdebstrap and sbuild make them.

    :raises ForbiddenError: If not.
    """
    try:
        who.run("mmdebstrap", "--unshare-helper", "true")
    except LabError as error:
        raise ForbiddenError(
            f"{error}\nThis machine lets {who.name} have no user namespace, as happens"
            " in containers, so it can build nothing for real;"
            " `make run BENCH=canned` works all the same"
        ) from error


def has_ids(lines: Iterable[str], who: Account) -> bool:
    """Tell whether ``lines`` of /etc/subuid or /etc/subgid give the user enough."""
    return any(
        name in (who.name, str(who.uid)) and count >= IDS
        for name, _, count in _ranges(lines)
    )


def free_id(lines: Iterable[str]) -> int:
    """Find the first id above all that ``lines`` give away."""
    return max([FIRST_ID, *(first + count for _, first, count in _ranges(lines))])


def _ranges(lines: Iterable[str]) -> Iterable[tuple[str, int, int]]:
    for line in lines:
        if found := re.fullmatch(r"([^:#]+):(\d+):(\d+)\s*", line):
            yield found[1], int(found[2]), int(found[3])


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir))
