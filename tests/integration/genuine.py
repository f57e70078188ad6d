"""A farm of processes: a manager with its database, and a genuine launchpad-buildd."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.testing.postgres import PostgresMixin
from lab.archive import architecture
from lab.farm import Farm
from lab.sources import canned_chroot, canned_source
from lab.worker import canned_worker


#: Seconds; only a test that fails waits so long.
PATIENCE = 60.0

#: Impatient, so that a test need not be patient.
OPTIONS = """
[database]
dsn = {}

[judgement]
stopping = 2.0
silence_floor = 4.0
trial_after = 1.0
"""


class GenuineCase(PostgresMixin, SynchronousTestCase):
    """
    A farm of one, on the bench that compiles nothing.

    :ivar worker: Does to each source what the source says, or what it is told.
    """

    empty = True

    def setUp(self) -> None:
        super().setUp()
        self.place = Path(self.mktemp()).absolute()
        self.place.mkdir()
        self.worker = canned_worker(self.place / "worker")
        self.addCleanup(self.worker.stop)
        self.worker.start()
        config = self.place / "farm.toml"
        config.write_text(OPTIONS.format(json.dumps(self.database.owner_dsn)))
        options = ("--config", str(config))
        self.farm = Farm(self.place / "manager", 0.3, options)
        self.addCleanup(self.farm.stop)
        self.farm.start()
        self.furnish(architecture())

    def furnish(self, arch: str) -> None:
        """Tell the manager of series, chroot and builder."""
        self.tell("POST", "series", name="trixie")
        self.tell("POST", "series/trixie/architectures", architecture=arch)
        chroot = str(canned_chroot(self.place / "sources"))
        self.farm.say("series", "chroot-set", "trixie", arch, chroot)
        self.tell("POST", "builders", name="bob", url=self.worker.url, arches=[arch])

    def submit(self, **stub: Any) -> int:
        """Submit a source of which this comes; give the number of its build."""
        dsc = canned_source(self.place / "sources", **stub)
        found = self.farm.say("submit", str(dsc), "--series", "trixie")
        number: int = found["builds"][0]["id"]
        return number

    def tell(self, method: str, path: str, **said: Any) -> Any:
        """Say something to the manager over HTTP."""
        told = json.loads((self.place / "manager" / "api.json").read_text())
        token = (self.place / "manager" / told["token_file"]).read_text().strip()
        request = Request(
            f"{told['url']}/api/v1/{path}",
            method=method,
            data=json.dumps(said).encode() if method != "GET" else None,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
            },
        )
        with urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)

    def build(self, number: int) -> Any:
        """Show a build."""
        return self.tell("GET", f"builds/{number}")

    def builder(self) -> Any:
        """Show the builder."""
        return self.tell("GET", "builders/bob")

    def until(self, number: int, *states: str) -> Any:
        """Wait until a build is in one of these states, and show it."""
        give_up = time.monotonic() + PATIENCE
        while (shown := self.build(number))["state"] not in states:
            if time.monotonic() > give_up:
                self.fail(f"{shown}\n{self.builder()}\n{self.farm.log.read_text()}")
            time.sleep(0.2)
        return shown

    def until_compiling(self) -> None:
        """Wait until something runs that an abort would end."""
        give_up = time.monotonic() + PATIENCE
        while not list(self.worker.home.glob("build-*/in-chroot.pid")):
            if time.monotonic() > give_up:
                self.fail(f"{self.worker.log()}\n{self.farm.log.read_text()}")
            time.sleep(0.2)

    def until_builder(self, **facts: Any) -> Any:
        """Wait until the builder is like this, and show it."""
        give_up = time.monotonic() + PATIENCE
        while not facts.items() <= (shown := self.builder()).items():
            if time.monotonic() > give_up:
                self.fail(f"{shown}\n{self.farm.log.read_text()}")
            time.sleep(0.2)
        return shown
