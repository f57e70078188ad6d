"""The command line, run as people run it, against a farm in memory."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.utils import getProcessOutputAndValue
from twisted.python.failure import Failure
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site
from twisted.web.static import Data

from buildd_manager.adapters.listening import Listener
from buildd_manager.domain.files import StoredFile
from buildd_manager.testing.rows import BuildRow
from tests.api.support import TOKEN, ApiCase


#: What the console script does.
SCRIPT = "from buildd_manager.cli.main import main; main()"


@frozen
class Said:
    """What a command has answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Read what was said to a program."""
        return json.loads(self.out)


class Shelf(Resource):
    """Serves what a librarian in memory keeps, by alias."""

    def __init__(self, case: "CliCase") -> None:
        super().__init__()
        self._case = case

    def getChild(self, path: bytes, request: Request) -> IResource:
        file = self._case.rows.files.get(int(path)) if path.isdigit() else None
        request.postpath = []
        self._case.heard.append(request.getHeader("authorization"))
        if file is None:
            return notFound()
        data = self._case.librarian.contents[file.sha256]
        return Data(data, "application/octet-stream")


class Terminal(ProcessProtocol):
    """Keeps what a process writes to its terminal."""

    def __init__(self) -> None:
        self.shown = b""
        self.ended: Deferred[bytes] = Deferred()

    def outReceived(self, data: bytes) -> None:
        self.shown += data

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(self.shown)


def _environment(more: Mapping[str, str]) -> Mapping[str, str]:
    """Give a process our modules, and ``more``."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "PYTHONPATH": path, **more}


class CliCase(ApiCase):
    """A farm with one series, and commands that are said to it."""

    timeout = 300

    async def prepare(self) -> None:
        #: The secrets that whoever fetched files has told.
        self.heard: list[str | None] = []
        shelf = Listener(reactor, "tcp:0:interface=127.0.0.1", "x", Site(Shelf(self)))
        await shelf.start()
        self.addCleanup(shelf.stop)
        self.files_url = shelf.url
        await super().prepare()
        self.state = Path(self.mktemp())
        self.state.mkdir()
        (self.state / "api.token").write_text(f"{TOKEN}\n")
        self.announce(self.url)

    def announce(self, url: str) -> None:
        """Say where the manager is, as it does itself."""
        told = {"url": url, "token_file": "api.token"}
        (self.state / "api.json").write_text(json.dumps(told))

    async def say(self, *words: str | Path, **environment: str) -> Said:
        """Say a command to the manager of the state directory."""
        return await self.run_command("--state", self.state, *words, **environment)

    async def run_command(self, *words: str | Path, **environment: str) -> Said:
        """Run a command, by itself."""
        return await self.run_script(SCRIPT, *words, **environment)

    async def run_script(
        self, script: str, *words: str | Path, **environment: str
    ) -> Said:
        """Run some Python in a process of its own."""
        out, err, status = await getProcessOutputAndValue(
            sys.executable,
            ["-c", script, *(str(word) for word in words)],
            env=_environment(environment),
        )
        return Said(status, out.decode(), err.decode())

    async def show(self, *words: str, **environment: str) -> bytes:
        """Say a command on a terminal; give what that is sent."""
        terminal = Terminal()
        reactor.spawnProcess(
            terminal,
            sys.executable,
            [sys.executable, "-c", SCRIPT, "--state", str(self.state), *words],
            env=_environment({"TERM": "xterm", "COLUMNS": "200", **environment}),
            usePTY=True,
        )
        return await terminal.ended

    async def refused(  # type: ignore[override]
        self, status: int, field: str, *words: str | Path, **environment: str
    ) -> Said:
        """Check that a command ends in one line with field, fault and mend."""
        said = await self.say(*words, **environment)
        self.check_line(said, status, field)
        return said

    def check_line(self, said: Said, status: int, field: str) -> None:
        """Check that there is one line, of the form that is promised."""
        self.assertEqual((said.status, said.out), (status, ""), said)
        self.assertRegex(said.err, r"\Aerror: [^:]+(: [^\n]+)+; [^\n]+\n\Z")
        self.assertEqual(said.err.split(": ")[1], field, said.err)

    async def keep(self, name: str, content: bytes) -> StoredFile:
        """Keep a file."""
        incoming = self.librarian.receive()
        await incoming.write(content)
        return await incoming.keep(name, "application/octet-stream")

    async def submitted(self, dsc: Path) -> BuildRow:
        """Submit a source; give the row of its build."""
        said = await self.say("submit", dsc, "--series", "bookworm", "--json")
        self.assertEqual(said.status, 0, said)
        return self.rows.builds[said.json["builds"][0]["id"]]
