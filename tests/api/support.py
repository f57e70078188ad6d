"""A HTTP interface to ask, on a store and a librarian in memory."""

import hashlib
import io
import json
import tarfile
from typing import Any

import treq
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.internet.tcp import Connection
from twisted.trial.unittest import TestCase
from twisted.web.http_headers import Headers

from buildd_manager.adapters.listening import Listener
from buildd_manager.api.site import make_site
from buildd_manager.domain.catalogue import NewSeries
from buildd_manager.testing.catalogue import MemoryCatalogue
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.rows import Rows
from buildd_manager.testing.store import memory_store


TOKEN = "a-secret"

#: Bytes of a submission.
LARGEST = 3 * 2**20


def tar_of(**files: bytes) -> bytes:
    """Make a tar; a double underscore in a name stands for a dot."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def dsc_of(*files: tuple[str, bytes], architecture: str = "any") -> bytes:
    """Make a .dsc that lists ``files``."""
    lines = "".join(
        f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}\n"
        for name, content in files
    )
    return (
        "Format: 3.0 (native)\nSource: hello\nVersion: 1\n"
        f"Architecture: {architecture}\nChecksums-Sha256:\n{lines}"
    ).encode()


TARBALL = ("hello_1.tar.xz", b"source")
DSC = dsc_of(TARBALL)


async def quiet() -> None:
    """Wait until all connections have ended: whoever is refused may go on sending."""
    while any(isinstance(one, Connection) for one in reactor.getReaders()):
        await deferLater(reactor, 0.005)


class ApiCase(TestCase):
    """A farm with one series, asked over a real socket."""

    timeout = 30

    #: Where it is said that files can be had.
    files_url = "http://librarian.invalid"

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        return Deferred.fromCoroutine(self.prepare())

    async def prepare(self) -> None:
        self.store = memory_store(Clock())
        self.librarian = MemoryLibrarian(self.store.files, self.files_url)
        self.changes: list[None] = []
        self.publications: list[None] = []
        site = make_site(
            self.store,
            self.librarian,
            TOKEN,
            reactor,
            lambda: self.changes.append(None),
            LARGEST,
            lambda: self.publications.append(None),
        )
        listener = Listener(reactor, "tcp:0:interface=127.0.0.1", "listen", site)
        await listener.start()
        self.addCleanup(listener.stop)
        self.addCleanup(lambda: Deferred.fromCoroutine(quiet()))
        self.url = listener.url
        await self.store.catalogue.add_series(NewSeries(name="bookworm"))
        await self.store.catalogue.add_architecture("bookworm", "amd64")

    @property
    def rows(self) -> Rows:
        """The tables of the farm."""
        catalogue = self.store.catalogue
        assert isinstance(catalogue, MemoryCatalogue)
        return catalogue.rows

    async def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Ask; a body that is no bytes is JSON."""
        said = {"authorization": f"Bearer {TOKEN}"}
        if isinstance(body, bytes):
            said["content-type"] = "application/x-tar"
        elif body is not None:
            body = json.dumps(body).encode()
            said["content-type"] = "application/json"
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = await treq.request(
            method,
            f"{self.url}/api/v1/{path}",
            headers=Headers({name: [value] for name, value in said.items()}),
            data=body,
            persistent=False,
            timeout=20,
        )
        content = await treq.content(self.response)
        kind = self.response.headers.getRawHeaders("content-type", [""])[0]
        told = json.loads(content) if "json" in kind else content
        return self.response.code, told

    async def refused(
        self,
        status: int,
        field: str,
        method: str,
        path: str,
        body: Any = None,
        **headers: str,
    ) -> None:
        """Check that asking is refused, with the field, the fault and the mend."""
        code, told = await self.ask(method, path, body, **headers)
        self.assertEqual((code, told.get("field")), (status, field), told)
        self.assertTrue(told["fault"] and told["mend"])
        self.assertTrue(told["detail"].isprintable())
