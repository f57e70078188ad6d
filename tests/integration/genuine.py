"""A farm of processes: a manager with its database, and a genuine launchpad-buildd."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.testing.postgres import PostgresMixin
from lab.archive import architecture
from lab.farm import Farm
from lab.sources import canned_chroot, canned_source
from lab.worker import GenuineWorker, canned_worker


T = TypeVar("T")

#: Impatient, so that a test need not be patient.
OPTIONS = """
[database]
dsn = {}

[judgement]
stopping = 2.0
silence_floor = 4.0
trial_after = 1.0
"""


class FarmCase(SynchronousTestCase):
    """
    A farm of one.

    :cvar series: What is built for.
    :cvar patience: Seconds; only a test that fails waits so long.
    :ivar place: Directory of all that there is.
    :ivar worker: Does to each source what the source says, or what it is told.
    """

    series = "trixie"
    patience = 60.0

    def setUp(self) -> None:
        super().setUp()
        self.place = self.make_place()
        self.worker = self.make_worker()
        self.addCleanup(self.worker.stop)
        self.worker.start()
        self.farm = Farm(self.place / "manager", 0.3, self.options())
        self.addCleanup(self.farm.stop)
        self.farm.start()
        self.furnish(architecture())

    def make_place(self) -> Path:
        """Make the directory."""
        place = Path(self.mktemp()).absolute()
        place.mkdir()
        return place

    def make_worker(self) -> GenuineWorker:
        """Make a worker that compiles nothing."""
        return canned_worker(self.place / "worker")

    def options(self) -> Sequence[str]:
        """Choose more words for the manager."""
        return ()

    def chroot(self) -> Path:
        """Name the tarball of a chroot."""
        return canned_chroot(self.place / "sources")

    def furnish(self, arch: str) -> None:
        """Tell the manager of series, chroot and builder."""
        series = self.series
        self.tell("POST", "series", name=series)
        self.tell("POST", f"series/{series}/architectures", architecture=arch)
        self.farm.say("series", "chroot-set", series, arch, str(self.chroot()))
        self.tell("POST", "builders", name="bob", url=self.worker.url, arches=[arch])

    def submit(self, **stub: Any) -> int:
        """Submit a source of which this comes; give the number of its build."""
        return self.submit_file(canned_source(self.place / "sources", **stub))

    def submit_file(self, dsc: Path) -> int:
        """Submit a source; give the number of its build."""
        found = self.farm.say("submit", str(dsc), "--series", self.series)
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
        with urlopen(request, timeout=self.patience) as response:
            return json.load(response)

    def build(self, number: int) -> Any:
        """Show a build."""
        return self.tell("GET", f"builds/{number}")

    def builder(self) -> Any:
        """Show the builder."""
        return self.tell("GET", "builders/bob")

    def fetch(self, file: Any) -> bytes:
        """Fetch a file as everybody can, and make sure that it is what was said."""
        with urlopen(file["url"], timeout=self.patience) as response:
            content: bytes = response.read()
        self.assertEqual(hashlib.sha256(content).hexdigest(), file["sha256"])
        return content

    def wait(self, seen: Callable[[], T | None]) -> T:
        """Wait until there is something to be seen, and give it."""
        give_up = time.monotonic() + self.patience
        while not (found := seen()):
            if time.monotonic() > give_up:
                self.fail(self.account())
            time.sleep(0.2)
        return found

    def account(self) -> str:
        """Tell how things are, as far as anybody is there who knows."""
        shown: list[Any] = []
        with suppress(OSError):
            shown += (self.tell("GET", "builds"), self.builder())
        return f"{shown}\n{self.worker.log()}\n{self.farm.log.read_text()}"

    def until(self, number: int, *states: str) -> Any:
        """Wait until a build is in one of these states, and show it."""

        def seen() -> Any:
            return shown if (shown := self.build(number))["state"] in states else None

        return self.wait(seen)

    def until_compiling(self) -> Path:
        """Wait until something runs that an abort would end; name its directory."""
        found = self.wait(lambda: [*self.worker.home.glob("build-*/in-chroot.pid")])
        return found[0].parent

    def until_builder(self, **facts: Any) -> Any:
        """Wait until the builder is like this, and show it."""

        def seen() -> Any:
            return shown if facts.items() <= (shown := self.builder()).items() else None

        return self.wait(seen)


class GenuineCase(PostgresMixin, FarmCase):
    """One whose manager has a database that is there already."""

    empty = True

    def options(self) -> Sequence[str]:
        config = self.place / "farm.toml"
        config.write_text(OPTIONS.format(json.dumps(self.database.owner_dsn)))
        return ("--config", str(config))
