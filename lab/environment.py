"""launchpad-buildd, in an environment of its own, made once."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from lab.accounts import Account, LabError


HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements-worker.txt"


@frozen
class Environment:
    """
    What runs a worker.

    :ivar python: An interpreter that its user may execute.
    :ivar site: Directory of launchpad-buildd and all that it needs.
    """

    python: Path
    site: Path

    @property
    def tac(self) -> Path:
        """The worker's program."""
        return self.site / "lpbuildd" / "buildd-slave.tac"


def cache_directory() -> Path:
    """Where what takes long to make is kept for the next time."""
    if named := os.environ.get("BUILDD_LAB_CACHE"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/cache/buildd-manager-lab")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "buildd-manager-lab"


def ensure(who: Account) -> Environment:
    """
    Make the environment, unless it is there; two at once do no harm.

    :raises LabError: If it cannot be made.
    """
    python = _interpreter(who)
    version = subprocess.check_output(
        [python, "-c", "import sys; print(sys.version)"], text=True
    )
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + version.encode())
    site = cache_directory() / f"worker-{wanted.hexdigest()[:16]}"
    if not site.exists():
        _install(python, site)
    return Environment(python, site)


def _install(python: Path, site: Path) -> None:
    site.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".worker-", dir=site.parent))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    done = subprocess.run(
        [
            *pip,
            "--no-compile",
            "--target",
            str(draft / "site"),
            "-r",
            str(REQUIREMENTS),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        shutil.rmtree(draft)
        raise LabError(f"launchpad-buildd cannot be installed:\n{done.stderr[-3000:]}")
    # What pip writes may be closed to others, if our umask says so.
    subprocess.run(["chmod", "-R", "a+rX", str(draft)], check=True)
    try:
        (draft / "site").rename(site)
    except OSError:
        if not site.exists():
            raise
    finally:
        shutil.rmtree(draft)


def _interpreter(who: Account) -> Path:
    """Find a Python that the worker's user may execute; ours may be in our home."""
    for candidate in _candidates():
        check = [
            str(candidate),
            "-c",
            "import sys; sys.exit(sys.version_info < (3, 9))",
        ]
        tried = subprocess.run(
            who.argv(*check, dies_with_us=False),
            cwd="/",
            env=who.environment(),
            check=False,
            capture_output=True,
        )
        if tried.returncode == 0:
            return candidate
    raise LabError(f"there is no Python that {who.name} may run; install python3")


def _candidates() -> Iterator[Path]:
    base = Path(sysconfig.get_config_var("BINDIR")) / f"python{sys.version_info.major}"
    for candidate in (base, Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        if candidate.exists():
            yield candidate
