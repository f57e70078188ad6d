"""``twistd buildd-manager``, from a wheel, in any directory."""

import json
import os
import re
import shutil
import signal
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.state import StateDirectory
from buildd_manager.testing.postgres import throw_away_directory
from tests.adapters.patience import until
from tests.adapters.processes import is_there, parent_of
from tests.cli.sources import source_in
from tests.house_case import ANYWHERE, ask
from tests.installed import Ended, Running, installed, start


#: Words that have a manager listen where nobody else does.
PLACES = ("--api-listen", ANYWHERE, "--librarian-listen", ANYWHERE)

#: Seconds in which a manager that has nothing in hand ends.
BOUND = 10.0


class InstalledCase(TestCase):
    """
    A directory that is nobody's, and what was installed.

    :ivar state: A state directory in it; does not exist yet.
    """

    timeout = 120

    def setUp(self) -> None:
        installed()
        self.place = throw_away_directory()
        self.addCleanup(shutil.rmtree, self.place)
        self.place.chmod(0o711)
        self.state = self.place / "state"

    def start(self, *words: str) -> Running:
        """Start a program; at the end it is killed, if it is still there."""
        running = start(self.place, *words)
        self.addCleanup(lambda: running.ended)
        self.addCleanup(running.send, signal.SIGKILL)
        return running

    async def end_of(self, *words: str) -> Ended:
        """Run a program to its end."""
        return await self.start(*words).ended

    async def ready(self) -> int:
        """Wait until the manager works; give its PostgreSQL."""
        await until((self.state / "api.json").exists)
        self.assertEqual(await ask(self.state, "builds"), [])
        path = self.state / "postgres" / "data" / "postmaster.pid"
        return int(path.read_text().split()[0])


class UsageTests(InstalledCase):
    """What is said to people."""

    async def test_help(self) -> None:
        """Both of Twisted's programs know it, and its options."""
        for name in ("twistd", "twist"):
            ended = await self.end_of(name, "--help")
            self.assertIn("buildd-manager", ended.said)
            ended = await self.end_of(name, "buildd-manager", "--help")
            self.assertEqual(ended.status, 0)
            for option in ("--state", "--dsn", "--config", "--api-listen"):
                self.assertIn(option, ended.said)

    async def test_misspelt(self) -> None:
        """An option that nobody knows is named in a line, and nothing is begun."""
        config = self.place / "config.toml"
        config.write_text("[scan]\nintervall = 1\n")
        for name in ("twistd", "twist"):
            for word, value in (("--stata", "state"), ("--config", str(config))):
                ended = await self.end_of(name, "buildd-manager", word, value)
                self.assertGreater(ended.status, 0)
                named = word if word == "--stata" else "'intervall'"
                (line,) = [one for one in ended.said.splitlines() if named in one]
                self.assertRegex(line, "not recognized|did you mean interval")
        self.assertEqual(list(self.place.iterdir()), [config])

    async def test_installed(self) -> None:
        """It is what was installed that runs, with its types."""
        self.assertTrue((installed() / "buildd_manager" / "py.typed").exists())
        ended = await self.end_of("buildd-manager", "--version")
        self.assertEqual((ended.status, ended.said.split()[0]), (0, "buildd-manager,"))


class ForegroundTests(InstalledCase):
    """A manager that somebody watches."""

    async def test_ended(self) -> None:
        """
        It works, and ends with all that it has begun when it is told to. Case 60.

        Bad input C9.
        """
        for words in (("twistd", "--nodaemon", "--pidfile="), ("twist",)):
            manager = self.start(*words, "buildd-manager", "-s", "state", *PLACES)
            postmaster = await self.ready()
            began = reactor.seconds()
            manager.send(signal.SIGTERM)
            ended = await manager.ended
            self.assertLess(reactor.seconds() - began, BOUND)
            self.assertEqual(ended.status, -signal.SIGTERM, ended.said)
            self.assertNotIn("Traceback", ended.said)
            self.assertFalse(is_there(postmaster))
            self.assertFalse((self.state / "api.json").exists())

    async def test_cannot_start(self) -> None:
        """What keeps it from starting is told in a line, and by the exit status."""
        other = StateDirectory(self.state)
        other.open()
        self.addCleanup(other.close)
        second = str(self.place / "second")
        why = {
            ("-s", str(self.state)): "in use by another manager",
            ("-s", second, "-d", "host=127.0.0.1 port=9"): "Connection refused",
        }
        for words, reason in why.items():
            for twistd in (("twistd", "--nodaemon"), ("twist", "--log-format=text")):
                ended = await self.end_of(*twistd, "buildd-manager", *words, *PLACES)
                self.assertEqual(ended.status, 1, ended.said)
                (line,) = [one for one in ended.said.splitlines() if reason in one]
                self.assertIn("buildd-manager cannot start: ", line)
                self.assertNotIn("Traceback", ended.said)
        self.assertFalse((self.place / "twistd.pid").exists())


class DaemonTests(InstalledCase):
    """A manager that nobody watches."""

    async def daemon(self, *words: str) -> int:
        """Start one; give its process."""
        ended = await self.end_of("twistd", "buildd-manager", *words, *PLACES)
        self.assertEqual(ended, Ended(0, ""))
        pid = int((self.place / "twistd.pid").read_text())
        self.addCleanup(lambda: Deferred.fromCoroutine(self.end(pid)))
        return pid

    async def end(self, pid: int) -> None:
        """End it in good order, so that nobody writes where we clear away."""
        if is_there(pid):
            os.kill(pid, signal.SIGTERM)
            await until(lambda: not is_there(pid))

    def log(self) -> str:
        """Read what it has logged."""
        return (self.place / "twistd.log").read_text()

    async def test_daemon(self) -> None:
        """It starts, works, and ends with its own database. Case 60."""
        pid = await self.daemon("--state", "state")
        postmaster = await self.ready()
        self.assertEqual(parent_of(postmaster), pid)
        self.assertNotEqual(parent_of(pid), os.getpid())
        began = reactor.seconds()
        os.kill(pid, signal.SIGTERM)
        await until(lambda: not is_there(pid))
        self.assertLess(reactor.seconds() - began, BOUND)
        self.assertFalse(is_there(postmaster))
        self.assertFalse((self.place / "twistd.pid").exists())
        self.assertNotIn("Traceback", self.log())

    async def test_command_line(self) -> None:
        """The command line finds it, changes it, and is told what cannot be."""
        await self.daemon("--state", "state")
        await self.ready()
        to = ("buildd-manager", "--state", "state")
        add = ("series", "add", "trixie")
        self.assertEqual((await self.end_of(*to, *add)).status, 0)
        dsc = str(source_in(self.place / "good"))
        bad = str(source_in(self.place / "bad", tar=b"another one"))
        url = ("--url", json.loads((self.state / "api.json").read_text())["url"])
        bob = ("builder", "add", "bob", "ftp://bob", "--arch", "amd64")
        rows: list[tuple[int, str, tuple[str, ...]]] = [
            (2, "url", (*to, *bob)),
            (2, "dsc", (*to, "submit", "missing.dsc", "--series", "trixie")),
            (2, "hello_1.tar.xz", (*to, "submit", bad, "--series", "trixie")),
            (3, "state", ("buildd-manager", "--state", "elsewhere", *add)),
            (4, "token", ("buildd-manager", *url, "--token-file", dsc, *add)),
            (5, "series", (*to, "submit", dsc, "--series", "sarge")),
            (6, "series", (*to, *add)),
        ]
        for status, field, words in rows:
            ended = await self.end_of(*words)
            self.assertEqual(ended.status, status, ended.said)
            line = rf"\Aerror: {re.escape(field)}: [^\n]+; [^\n]+\n\Z"
            self.assertRegex(ended.said, line)
        kept = [
            await ask(self.state, what) for what in ("series", "builders", "builds")
        ]
        self.assertEqual([len(one) for one in kept], [1, 0, 0])
        self.assertEqual(list(self.state.glob("librarian/objects/*")), [])

    async def test_killed(self) -> None:
        """Killed and started again, it knows what it knew."""
        pid = await self.daemon("--state", "state")
        await self.ready()
        add = ("buildd-manager", "--state", "state", "series", "add", "trixie")
        await self.end_of(*add)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not is_there(pid))
        (self.state / "api.json").unlink()
        # Unless somebody has buried it, twistd takes it for one that runs.
        (self.place / "twistd.pid").unlink()
        await self.daemon("--state", "state")
        await self.ready()
        (series,) = await ask(self.state, "series")
        self.assertEqual(series["name"], "trixie")

    async def test_cannot_start(self) -> None:
        """What keeps it from starting is in its log, and no pid file stays."""
        words = ("--state", str(Path("state").absolute()), "--dsn", "nonsense")
        ended = await self.end_of("twistd", "buildd-manager", *words, *PLACES)
        self.assertEqual(ended.status, 0)
        await until(lambda: "Server Shut Down" in self.log())
        self.assertIn("buildd-manager cannot start: the address", self.log())
        await until(lambda: not (self.place / "twistd.pid").exists())
