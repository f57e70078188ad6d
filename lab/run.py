"""
Build a package on a farm of one: the first minute with buildd-manager.

``python -m lab.run [--once] [--bench unshare|canned]``
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lab import packages
from lab.accounts import Account, LabError, account, check_subordinate_ids
from lab.chroot import chroot
from lab.environment import ensure
from lab.sources import Release, architecture, canned_source, hello, release
from lab.worker import GenuineWorker


BIN = Path(sys.executable).parent

#: Seconds until a manager works; the first time, it makes a database.
PATIENCE = 60.0


def main() -> int:
    """Do it; tell how it went by the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the build")
    parser.add_argument("--bench", choices=("unshare", "canned"), default="unshare")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with ExitStack() as stack:
            return run(stack, options.bench, once=options.once)
    except LabError as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 0


def run(stack: ExitStack, bench: str, *, once: bool) -> int:
    """Set the farm up, have one package built on it, and show what came of it."""
    where, arch, who = release(), architecture(), account()
    if bench == "unshare":
        tell("looking for sbuild and mmdebstrap")
        packages.ensure()
        check_subordinate_ids(who)
    tell("installing launchpad-buildd, unless it is there")
    environment = ensure(who)
    place = state_directory() / bench
    dsc, tarball = material(bench, place, who, where, arch)
    worker = GenuineWorker(who.home / "farm" / bench, bench, environment, who, arch)
    if not who.is_other:
        worker = GenuineWorker(place / "worker", bench, environment, who, arch)
    stack.callback(worker.stop)
    worker.start()
    tell(f"launchpad-buildd answers at {worker.url}")
    farm = Farm(place / "manager", scan=1.0 if bench == "canned" else 5.0)
    stack.callback(farm.stop)
    farm.start()
    furnish(farm, where, arch, tarball, worker)
    state = build(farm, where, dsc)
    if not once:
        tell(f"serving; try {farm.command} build list; Ctrl-C ends it")
        signal.pause()
    return 0 if state == "Fully built" else 1


def material(
    bench: str, place: Path, who: Account, where: Release, arch: str
) -> tuple[Path, Path]:
    """Get a source to build and a chroot to build it in."""
    sources = place / "sources"
    if bench == "canned":
        tarball = place / "chroot.tar.gz"
        place.mkdir(parents=True, exist_ok=True)
        tarball.write_bytes(b"nobody unpacks this")
        return canned_source(sources), tarball
    tell(f"fetching hello of {where.codename} from {where.mirror}")
    dsc = hello(sources, where)
    tell("making a chroot, unless there is one (half a minute)")
    return dsc, chroot(who, where, arch)


class Farm:
    """A manager of our own, and the command line to talk to it."""

    def __init__(self, state: Path, scan: float) -> None:
        self._state = state
        self._scan = scan
        self._process: subprocess.Popen[bytes] | None = None
        self.command = f"{BIN / 'buildd-manager'} --state {state}"

    def start(self) -> None:
        """Start it, and wait until it works."""
        self._state.parent.mkdir(parents=True, exist_ok=True)
        log = self._state.with_suffix(".log")
        loopback = "tcp:0:interface=127.0.0.1"
        argv = [BIN / "twistd", "--nodaemon", "--pidfile=", "--logfile", log]
        argv += [
            "buildd-manager",
            "--state",
            self._state,
            "--scan-interval",
            self._scan,
        ]
        argv += ["--api-listen", loopback, "--librarian-listen", loopback]
        self._process = subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        give_up = time.monotonic() + PATIENCE
        while not (self._state / "api.json").exists():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise LabError(f"the manager does not start; see {log}")
            time.sleep(0.1)
        tell(f"the manager works; its log is {log}")

    def stop(self) -> None:
        """Have it end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def say(self, *words: str) -> Any:
        """Say something to it, and give what it answers."""
        done = subprocess.run(
            [*self.command.split(), *words, "--json"],
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise LabError(f"buildd-manager {' '.join(words)} failed")
        return json.loads(done.stdout)


def furnish(
    farm: Farm, where: Release, arch: str, tarball: Path, worker: GenuineWorker
) -> None:
    """Tell the manager of series, chroot and builder, unless it knows."""
    series = {one["name"]: one for one in farm.say("series", "list")}
    if where.codename not in series:
        distribution = ("--distribution", where.distribution)
        farm.say("series", "add", where.codename, *distribution)
        farm.say("series", "arch-add", where.codename, arch)
    farm.say("series", "chroot-set", where.codename, arch, str(tarball))
    builders = {one["url"] for one in farm.say("builder", "list")}
    if worker.url not in builders:
        name = f"worker-{worker.port}"
        farm.say("builder", "add", name, worker.url, "--arch", arch)


def build(farm: Farm, where: Release, dsc: Path) -> str:
    """Have it built, and show what there is then."""
    found = farm.say("submit", str(dsc), "--series", where.codename)
    number = str(found["builds"][0]["id"])
    tell(f"submitted {found['source']} {found['version']} as build {number}")
    shown = follow(lambda: farm.say("build", "show", number))
    print(f"\n{shown['state']}: {shown['source']} {shown['version']} {shown['arch']}")
    for file in [shown["log"], *shown["files"]]:
        if file is not None:
            print(f"  {file['name']}  {file['size']} bytes")
            print(f"    {file['url']}\n    {file['path']}")
    return str(shown["state"])


def follow(look: Callable[[], Any]) -> Any:
    """Tell each state, and the last line of the log as it grows, until the end."""
    state = last = None
    while True:
        shown = look()
        if shown["state"] != state:
            state = shown["state"]
            tell(f"build {shown['id']}: {state}")
        lines = (shown["log_tail"] or "").strip().splitlines()
        if lines and lines[-1] != last:
            last = lines[-1]
            print(
                f"    {''.join(c for c in last if c.isprintable())[:100]}", flush=True
            )
        if shown["final"]:
            return shown
        time.sleep(1)


def state_directory() -> Path:
    """Where the farm lives; PostgreSQL's user must get there if root runs this."""
    if os.geteuid() == 0:
        return Path("/var/lib/buildd-manager-lab")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "buildd-manager-lab"


def tell(text: str, mark: str = "==>") -> None:
    """Say what is done next."""
    print(f"{mark} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
