"""A manager with a database of its own, and the command line to talk to it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.accounts import ourselves
from lab.archive import Release
from lab.commands import LabError
from lab.worker import GenuineWorker


#: Where the commands of this very environment are.
BIN = Path(sys.executable).parent

#: Seconds until a manager works; the first time, it makes a database. And until it
#: has ended, before it is killed.
PATIENCE = 120.0

_LOOPBACK = "tcp:0:interface=127.0.0.1"


class Farm:
    """
    A manager, run by ``twistd``, which ends when we do.

    :param state: Its state directory; it may be used again. Its log is beside it.
    :param interval: Seconds between its looks at a builder.
    :param options: More words for ``twistd buildd-manager``.
    :param environment: For it and for the command line; without, it is ours.
    """

    def __init__(
        self,
        state: Path,
        interval: float,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.log = state.with_suffix(".log")
        self.command = [str(BIN / "buildd-manager"), "--state", str(state)]
        self._state = state
        self._interval = interval
        self._options = options
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """
        Start it, and wait until it works.

        :raises LabError: If it does not.
        """
        self._state.parent.mkdir(parents=True, exist_ok=True)
        words = [str(BIN / "twistd"), "--nodaemon", "--pidfile=", "--logfile"]
        words += [str(self.log), "buildd-manager", "--state", str(self._state)]
        words += ["--scan-interval", str(self._interval)]
        words += ["--api-listen", _LOOPBACK, "--librarian-listen", _LOOPBACK]
        words += self._options
        self._process = subprocess.Popen(
            ourselves().argv(*words),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def stop(self) -> None:
        """Have it finish what it does, and end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it, without a word."""
        self._end(signal.SIGKILL)

    def watch(self) -> None:
        """
        Wait until it ends.

        :raises LabError: Then: it is not meant to.
        """
        if self._process is not None:
            self._process.wait()
            raise LabError(f"the manager has ended; see {self.log}")

    def say(self, *words: str) -> Any:
        """
        Say something to it, and give what it answers.

        :raises LabError: If it refuses.
        """
        done = subprocess.run(
            [*self.command, *words, "--json"],
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise LabError(f"buildd-manager {' '.join(words)}:\n{done.stderr.strip()}")
        return json.loads(done.stdout)

    def furnish(
        self, where: Release, architecture: str, chroot: Path, worker: GenuineWorker
    ) -> None:
        """Tell it of series, chroot and builder, as far as it does not know them."""
        suite = where.suite
        if suite not in {one["name"] for one in self.say("series", "list")}:
            self.say("series", "add", suite, "--distribution", where.distribution)
            self.say("series", "arch-add", suite, architecture)
        self.say("series", "chroot-set", suite, architecture, str(chroot))
        if worker.url not in {one["url"] for one in self.say("builder", "list")}:
            name = f"worker-{worker.port}"
            self.say("builder", "add", name, worker.url, "--arch", architecture)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait(self) -> None:
        process, give_up = self._process, time.monotonic() + PATIENCE
        assert process is not None  # noqa: S101 - just started
        while process.poll() is None and time.monotonic() < give_up:
            if self._works():
                return
            time.sleep(0.1)
        self.stop()
        raise LabError(f"the manager does not start:\n{_end_of(self.log)}")

    def _works(self) -> bool:
        # Asking takes longer than looking. What is there may be of one that was killed.
        if not (self._state / "api.json").exists():
            return False
        try:
            self.say("builder", "list")
        except LabError:
            return False
        return True


def _end_of(log: Path) -> str:
    """Give the last lines of a log, if there is one."""
    if not log.exists():
        return f"there is no {log}"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-15:])
