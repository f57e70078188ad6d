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

from lab.accounts import Account, LabError
from lab.environment import HERE, Environment


#: Seconds until a worker answers; it takes 0.3.
PATIENCE = 30.0

_CONFIGURATION = """\
[builder]
architecturetag = {architecture}
filecache = {cache}
bindhost = 127.0.0.1
bindport = {port}:interface=127.0.0.1
sharepath = {share}
"""


class GenuineWorker:
    """
    One launchpad-buildd, in a directory of its own.

    :param root: The directory; it is made, and may be used again.
    :param bench: ``canned`` compiles nothing and has any outcome that is planned;
        ``unshare`` is real sbuild in a user namespace.
    :param who: Whom it runs as.
    """

    def __init__(
        self,
        root: Path,
        bench: str,
        environment: Environment,
        who: Account,
        architecture: str,
    ) -> None:
        self.root = root.absolute()
        self.home = self.root / "home"
        self.port = _free_port()
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
        for directory in (self.root, self.home, self.home / "filecache"):
            self._who.own(directory)
        self._copy_lab()
        configuration = self.root / "buildd.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                architecture=self._architecture,
                cache=self.home / "filecache",
                port=self.port,
                share=self.root / "lab" / self._bench / "share",
            )
        )
        with (self.root / "output").open("ab") as output:
            self._process = subprocess.Popen(
                self._who.argv(*self._argv()),
                cwd=self.home,
                env=self._variables(configuration),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait()

    def stop(self) -> None:
        """End it, and all that it has started."""
        process, self._process = self._process, None
        if process is not None:
            _end(process, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                _end(process, signal.SIGKILL)
                process.wait()

    def plan(self, **stages: str) -> None:
        """
        Tell the canned bench what to do: a shell script for each stage.

        Without any, all succeeds; an underscore stands for a hyphen.
        """
        directory = self.home / "plan"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        for stage, script in stages.items():
            (directory / stage.replace("_", "-")).write_text(script)

    def log(self) -> str:
        """Read what it has said."""
        said = (self.root / "output").read_text(errors="replace")
        log = self.root / "home" / "buildd.log"
        return said + (log.read_text(errors="replace") if log.exists() else "")

    def _copy_lab(self) -> None:
        """Put the stand-ins where the worker's user can read them."""
        copy = self.root / "lab"
        shutil.rmtree(copy, ignore_errors=True)
        for name in ("canned", "unshare", "shims"):
            shutil.copytree(HERE / name, copy / name)
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)

    def _argv(self) -> list[str]:
        program = "from twisted.scripts.twistd import run; run()"
        # -S: what the machine itself has installed is none of its business.
        twistd = [str(self._environment.python), "-S", "-c", program]
        options = ["--nodaemon", "--no_save", "--pidfile=", "--umask=022"]
        log = str(self.home / "buildd.log")
        return [
            *twistd,
            *options,
            "--logfile",
            log,
            "--python",
            str(self._environment.tac),
        ]

    def _variables(self, configuration: Path) -> dict[str, str]:
        lab, plain = self.root / "lab", self._who.environment()
        paths = [str(self._environment.site), str(lab / "shims")]
        return {
            **plain,
            "HOME": str(self.home),
            "PYTHONPATH": ":".join(paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{lab / 'canned' / 'path'}:{plain['PATH']}",
            "BUILDD_SLAVE_CONFIG": str(configuration),
            "BUILDD_CONFIG": str(configuration),
        }

    def _wait(self) -> None:
        assert self._process is not None  # noqa: S101 - just started
        proxy = ServerProxy(f"{self.url}/rpc", allow_none=True)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up and self._process.poll() is None:
            try:
                proxy.echo("ping")
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise LabError(f"the worker does not answer:\n{self.log()[-3000:]}")


def _end(process: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)


def _free_port() -> int:
    """Find a port below those that the kernel gives to clients."""
    random = SystemRandom()
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
