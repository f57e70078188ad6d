"""The product, as its wheel installs it, and its programs under way."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from buildd_manager.testing.postgres import throw_away_directory


_SOURCE = Path(__file__).parents[1]
_PARTS = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "lib", "twisted")


@cache
def installed() -> Path:
    """Build the wheel and install it, once; everybody may look at the place."""
    place = throw_away_directory()
    atexit.register(shutil.rmtree, place)
    # A build leaves things beside what it builds.
    source = place / "source"
    source.mkdir()
    for part in _PARTS:
        _copy(_SOURCE / part, source / part)
    _pip("wheel", "--no-deps", "--wheel-dir", str(place), str(source))
    (wheel,) = place.glob("*.whl")
    _pip("install", "--no-deps", "--target", str(place / "site"), str(wheel))
    return place / "site"


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        unneeded = shutil.ignore_patterns("__pycache__", "*.egg-info", "dropin.cache")
        shutil.copytree(source, target, ignore=unneeded)
    else:
        shutil.copy(source, target)


def _pip(*words: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", *words, *quiet], check=True)


def environment() -> Mapping[str, str]:
    """Give a process what was installed, and of this checkout nothing."""
    ours = {"PYTHONPATH": str(installed())}
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return ours | {name: os.environ[name] for name in kept if name in os.environ}


def program(name: str) -> str:
    """Name one of Twisted's programs, or ours."""
    ours = installed() / "bin" / name
    return str(ours if ours.exists() else Path(sys.executable).with_name(name))


@frozen
class Ended:
    """
    How a process has ended.

    :ivar status: Its exit status; of a signal, that below zero.
    """

    status: int
    said: str


class Running(ProcessProtocol):
    """A process under way, and all that it says."""

    def __init__(self) -> None:
        self.ended: Deferred[Ended] = Deferred()
        self._said = b""

    def outReceived(self, data: bytes) -> None:
        self._said += data

    errReceived = outReceived

    def processEnded(self, reason: Failure) -> None:
        status = 0
        if isinstance(reason.value, ProcessTerminated):
            killed, code = reason.value.signal, reason.value.exitCode
            status = -killed if killed is not None else code
        self.ended.callback(Ended(status, self._said.decode()))

    def send(self, which: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if not self.ended.called and self.transport is not None:
            self.transport.signalProcess(which.name.removeprefix("SIG"))


def start(directory: Path, *words: str) -> Running:
    """Start a program in a directory."""
    running = Running()
    reactor.spawnProcess(
        running,
        program(words[0]),
        [program(words[0]), *words[1:]],
        env=environment(),
        path=str(directory),
    )
    return running
