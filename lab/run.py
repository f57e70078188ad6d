"""
Build a package on a farm of one: the first minute with buildd-manager.

``python -m lab.run [--once] [--bench unshare|canned]``
"""

import argparse
import fcntl
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from attrs import frozen

from lab.accounts import Account, builder
from lab.archive import Release, architecture, hello, release
from lab.chroot import ensure_chroot
from lab.commands import LabError
from lab.environment import cache_directory, ensure_environment
from lab.farm import Farm
from lab.following import follow, show, tell, tell_step
from lab.prepare import make_fit
from lab.sources import canned_chroot, canned_source
from lab.worker import GenuineWorker, free_port, is_free


@frozen
class Lab:
    """
    What is known before anything runs.

    :ivar place: Directory of all that is kept; it is nobody else's meanwhile.
    :ivar who: Whom the worker runs as.
    """

    bench: str
    place: Path
    who: Account
    where: Release
    architecture: str

    def material(self) -> tuple[Path, Path]:
        """Get a source to build, and a chroot to build it in."""
        if self.bench == "canned":
            return canned_source(self.place / "sources"), canned_chroot(self.place)
        tell(f"fetching the source of hello from {self.where.mirror}")
        dsc = hello(cache_directory() / f"apt-{self.where.suite}", self.where)
        tell(f"making a chroot of {self.where.suite}, unless there is one of this week")
        chroot = ensure_chroot(self.who, self.where, self.architecture, heard=tell_step)
        return dsc, chroot

    def worker(self) -> GenuineWorker:
        """Make a worker, which the manager may know from the last time."""
        tell("installing launchpad-buildd, unless it is there")
        environment = ensure_environment(self.who)
        port = kept_port(self.place / "port")
        bench, who, arch = self.bench, self.who, self.architecture
        root = self.place / "worker"
        return GenuineWorker(root, bench, environment, who, arch, port)


def main() -> int:
    """Do it; tell how it went by the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the build")
    parser.add_argument("--bench", choices=("unshare", "canned"), default="unshare")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        with ExitStack() as stack:
            return run(stack, options.bench, once=options.once)
    except LabError as error:
        print(f"\nmake run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 130 if options.once else 0


def run(stack: ExitStack, bench: str, *, once: bool) -> int:
    """Set the farm up, have one package built on it, and show what came of it."""
    place = state_directory() / bench
    stack.callback(os.close, occupy(place))
    lab = prepare(bench, place)
    dsc, chroot = lab.material()
    worker = lab.worker()
    stack.callback(worker.stop)
    worker.start()
    tell(f"launchpad-buildd answers at {worker.url}")
    farm = Farm(place / "manager", interval=1.0 if bench == "canned" else 5.0)
    stack.callback(farm.stop)
    farm.start()
    stack.push(explain)
    tell(f"the manager works; its log is {farm.log}")
    farm.furnish(lab.where, lab.architecture, chroot, worker)
    built = build(farm, lab.where.suite, dsc)
    if not once:
        tell(f"serving until Ctrl-C; try {' '.join(farm.command)} build list")
        farm.watch()
    return 0 if built else 1


def explain(interrupted: object, *_: object) -> None:
    """Say why it may take a while to end, if we are told to."""
    if interrupted:
        tell("stopping; a chroot that is in use is removed first")


def prepare(bench: str, place: Path) -> Lab:
    """Look at the machine, and make it fit for the bench."""
    where, who = release(), builder()
    if bench == "unshare":
        tell("looking for sbuild and mmdebstrap")
        make_fit(who)
    return Lab(bench, place, who, where, architecture())


def build(farm: Farm, suite: str, dsc: Path) -> bool:
    """Have a source built, and show what there is then."""
    return show(farm, follow(farm, wanted(farm, suite, dsc)))


def wanted(farm: Farm, suite: str, dsc: Path) -> int:
    """Submit a source, unless the last time has left a build of it; name the build."""
    source = dsc.name.partition("_")[0]
    known: Any = farm.say("build", "list", "--source", source)
    for build in known:
        if not build["final"]:
            tell(f"build {build['id']} was interrupted the last time, and goes on")
            return int(build["id"])
    found: Any = farm.say("submit", str(dsc), "--series", suite)
    number: int = found["builds"][0]["id"]
    tell(f"submitted {found['source']} {found['version']} as build {number}")
    return number


def occupy(place: Path) -> int:
    """
    Keep others out while we live; give what to close.

    :raises LabError: If somebody is there.
    """
    place.mkdir(parents=True, exist_ok=True)
    lock = os.open(place / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise LabError(f"another one is running in {place}") from error
    return lock


def kept_port(path: Path) -> int:
    """Choose the port of the last time, since the manager knows it, if it is free."""
    if path.exists() and is_free(port := int(path.read_text(encoding="ascii"))):
        return port
    port = free_port()
    path.write_text(str(port), encoding="ascii")
    return port


def state_directory() -> Path:
    """Where the farm lives; if root runs this, PostgreSQL and worker must get there."""
    if named := os.environ.get("BUILDD_LAB_STATE"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/buildd-manager-lab")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "buildd-manager-lab"


if __name__ == "__main__":
    sys.exit(main())
