"""Start and stop a genuine launchpad-buildd on this machine, on loopback."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from xmlrpc.client import ServerProxy

from lab.accounts import Account, ourselves
from lab.commands import LabError, run
from lab.environment import HERE, Environment, ensure_environment


#: Seconds until a worker answers, which takes it 0.3.
PATIENCE = 30.0

#: Seconds that sbuild may take to remove a chroot of 20,000 files, which a busy disk
#: makes long, before all is killed; then the chroot stays behind.
CLEARING = 300.0

#: Seconds that what it was sent is kept, as by its Debian package.
KEPT = 2 * 24 * 3600

_CONFIGURATION = """\
[builder]
architecturetag = {architecture}
filecache = {cache}
bindhost = 127.0.0.1
bindport = {port}:interface=127.0.0.1
sharepath = {share}
"""

_TWISTD = "from twisted.scripts.twistd import run; run()"


class GenuineWorker:
    """
    One launchpad-buildd, in a directory of its own, which ends when we do.

    :param root: The directory; it is made, and may be used again.
    :param bench: ``canned`` compiles nothing and has any outcome that is planned;
        ``unshare`` is real sbuild in a user namespace.
    :param who: Whom it runs as.
    :param port: Where it listens, on loopback; without, anywhere.
    """

    def __init__(
        self,
        root: Path,
        bench: str,
        environment: Environment,
        who: Account,
        architecture: str = "amd64",
        port: int | None = None,
    ) -> None:
        self.root = root.absolute()
        self.home = self.root / "home"
        self.cache = self.home / "filecache"
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._bench = bench
        self._environment = environment
        self._who = who
        self._architecture = architecture
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """
        Start it, and wait until it answers.

        :raises LabError: If it does not.
        """
        for directory in (self.root, self.home, self.cache):
            self._who.own(directory)
        self._tidy()
        lab = self._copy_lab()
        with (self.root / "output").open("wb") as output:
            self._process = subprocess.Popen(
                self._who.argv(*self._argv()),
                cwd=self.home,
                env=self._variables(lab, self._configure(lab)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait()

    def stop(self) -> None:
        """
        End it, and all that it has started.

        That hears of it by itself; sbuild would not tidy up if it heard of it twice.
        """
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        give_up = time.monotonic() + CLEARING
        while process.poll() is None or _is_alive(process.pid):
            if time.monotonic() > give_up:
                _kill_group(process.pid)
            time.sleep(0.05)

    def plan(self, **stages: str) -> None:
        """
        Tell the stand-ins what to do: a shell script for each stage.

        Without any, all succeeds; an underscore stands for a hyphen.
        """
        directory = self.home / "plan"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        for stage, script in stages.items():
            (directory / stage.replace("_", "-")).write_text(script, encoding="utf-8")

    def log(self) -> str:
        """Read what it has said."""
        files = (self.root / "output", self.home / "buildd.log")
        return "".join(
            file.read_text(errors="replace") for file in files if file.exists()
        )

    def _tidy(self) -> None:
        """Do what nobody has done if we were killed, and what cron does elsewhere."""
        for build in self.home.glob("build-*"):
            shutil.rmtree(build)
        for file in self.cache.iterdir():
            if time.time() - file.stat().st_mtime > KEPT:
                file.unlink()

    def _copy_lab(self) -> Path:
        """Put the stand-ins where the worker's user can read them."""
        copy = self.root / "lab"
        shutil.rmtree(copy, ignore_errors=True)
        for name in ("canned", "unshare", "shims"):
            shutil.copytree(HERE / name, copy / name)
        run("chmod", "-R", "a+rX", str(copy))
        return copy

    def _configure(self, lab: Path) -> Path:
        path = self.root / "buildd.conf"
        configuration = _CONFIGURATION.format(
            architecture=self._architecture,
            cache=self.cache,
            port=self.port,
            share=lab / self._bench / "share",
        )
        path.write_text(configuration, encoding="utf-8")
        return path

    def _argv(self) -> list[str]:
        # -S: what the machine itself has installed is none of its business.
        twistd = [str(self._environment.python), "-S", "-c", _TWISTD]
        options = ["--nodaemon", "--no_save", "--pidfile=", "--umask=022"]
        log = f"--logfile={self.home / 'buildd.log'}"
        return [*twistd, *options, log, "--python", str(self._environment.tac)]

    def _variables(self, lab: Path, configuration: Path) -> dict[str, str]:
        plain = self._who.environment()
        paths = (lab / "canned" / "path", self._environment.python.parent)
        modules = (self._environment.site, lab / "shims")
        return {
            **plain,
            "HOME": str(self.home),
            "PATH": ":".join([*map(str, paths), plain["PATH"]]),
            "PYTHONPATH": ":".join(map(str, modules)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "BUILDD_SLAVE_CONFIG": str(configuration),
        }

    def _wait(self) -> None:
        process = self._process
        assert process is not None  # noqa: S101 - just started
        proxy = ServerProxy(f"{self.url}/rpc", allow_none=True)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up and process.poll() is None:
            try:
                proxy.echo("ping")
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise LabError(f"the worker does not answer:\n{self.log()[-3000:]}")


def canned_worker(root: Path) -> GenuineWorker:
    """Make one that compiles nothing, for tests; it runs as we do."""
    who = ourselves()
    return GenuineWorker(root, "canned", ensure_environment(who), who)


def free_port() -> int:
    """Find a port below those that the kernel gives to clients."""
    random = SystemRandom()
    while True:
        port = random.randrange(10_000, 32_000)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Tell whether nobody listens on ``port`` of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _kill_group(group: int) -> None:
    """End all of ``group``, without a word."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _is_alive(group: int) -> bool:
    """Tell whether anybody of ``group`` is there, who is not just a zombie."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False
