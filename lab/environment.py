"""launchpad-buildd, in an environment of its own, made once."""

import hashlib
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from lab.accounts import Account
from lab.commands import LabError, run


HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements-worker.txt"

#: What fails where Python is too old, or without its library.
_CHECK = "import sys, ssl, lzma, xmlrpc.client; sys.exit(sys.version_info < (3, 9))"


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
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/buildd-manager-lab")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "buildd-manager-lab"


def ensure_environment(who: Account) -> Environment:
    """
    Make the environment for a worker that runs as ``who``, unless it is there.

    Two that make it at once do no harm.

    :raises LabError: If it cannot be made.
    """
    python = _interpreter(who)
    version = run(str(python), "-c", "import sys; print(sys.version, sys.platform)")
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + version.encode())
    site = cache_directory() / f"worker-{wanted.hexdigest()[:16]}"
    if not site.exists():
        _install(python, site)
    return Environment(python, site)


def _install(python: Path, site: Path) -> None:
    site.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".worker-", dir=site.parent))
    # That Python need not have a pip of its own.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
    options = ["--no-compile", "--disable-pip-version-check", "--quiet"]
    try:
        run(*pip, *options, "--target", f"{draft}/site", "-r", str(REQUIREMENTS))
        # What pip writes may be closed to others, if our umask says so.
        run("chmod", "-R", "a+rX", str(draft))
        (draft / "site").rename(site)
    except OSError:
        if not site.exists():  # else somebody else was faster
            raise
    finally:
        shutil.rmtree(draft)


def _interpreter(who: Account) -> Path:
    """Find a Python that the user may execute; ours may be in somebody's home."""
    for candidate in _candidates():
        try:
            who.run(str(candidate), "-c", _CHECK)
        except LabError:
            continue
        return candidate
    raise LabError(f"there is no Python that {who.name} may run; install python3")


def _candidates() -> Iterator[Path]:
    ours = Path(sysconfig.get_config_var("BINDIR")) / f"python{sys.version_info.major}"
    for candidate in (Path("/usr/bin/python3"), Path("/usr/local/bin/python3"), ours):
        if candidate.exists():
            yield candidate
