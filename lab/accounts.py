"""Whom the worker runs as: sbuild's user namespaces are not for root."""

import os
import pwd
import subprocess
from pathlib import Path

from attrs import frozen


#: Who runs the worker when root runs the lab.
NAME = "buildd-lab"


class LabError(Exception):
    """The lab cannot be set up; says why, and what to do."""


@frozen
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether it is another one than who runs this."""
        return self.uid != os.geteuid()

    def argv(self, *words: str, dies_with_us: bool = True) -> list[str]:
        """Make a command be run as this user, and end when we do."""
        prefix = ["setpriv"]
        if dies_with_us:
            prefix += ["--pdeathsig", "TERM"]
        if self.is_other:
            prefix += ["--reuid", str(self.uid), "--regid", str(self.gid)]
            prefix += ["--init-groups"]
        return [*prefix, "--", *words] if len(prefix) > 1 else list(words)

    def run(self, *words: str, **options: str) -> None:
        """Run a command to its end, quietly unless it fails."""
        done = subprocess.run(
            self.argv(*words),
            env=self.environment(**options),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()[-3000:]
            raise LabError(f"{' '.join(words)[:200]} failed:\n{said}")

    def environment(self, **more: str) -> dict[str, str]:
        """Make an environment, with nothing in it that was meant for somebody else."""
        return {
            "HOME": str(self.home),
            "USER": self.name,
            "LOGNAME": self.name,
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            **more,
        }

    @property
    def home(self) -> Path:
        """Where it lives."""
        return Path(pwd.getpwuid(self.uid).pw_dir)

    def own(self, path: Path) -> None:
        """Give it a directory, which is made if need be."""
        path.mkdir(parents=True, exist_ok=True)
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def account() -> Account:
    """Give who runs this; for root, a user made for the purpose."""
    if os.geteuid() == 0:
        return _made()
    entry = pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _made() -> Account:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        home = f"/var/lib/{NAME}"
        subprocess.run(
            [
                "useradd",
                "--create-home",
                "--home-dir",
                home,
                "--shell",
                "/bin/sh",
                NAME,
            ],
            check=True,
        )
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def check_subordinate_ids(who: Account) -> None:
    """
    Make sure that the user may map ids, as namespaces need.

    :raises LabError: With the command that allows it.
    """
    for path, word in (("/etc/subuid", "uids"), ("/etc/subgid", "gids")):
        listed = Path(path).read_text(encoding="ascii") if Path(path).exists() else ""
        if not any(line.startswith(f"{who.name}:") for line in listed.splitlines()):
            command = f"usermod --add-sub{word} 500000-565535 {who.name}"
            if os.geteuid() != 0:
                raise LabError(f"{who.name} has no {path}; run as root: {command}")
            subprocess.run(command.split(), check=True)
