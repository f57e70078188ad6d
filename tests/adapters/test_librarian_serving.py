"""Files over HTTP."""

import gzip
from base64 import b64encode
from pathlib import Path

import treq
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from twisted.web.http_headers import Headers
from twisted.web.server import Site

from buildd_manager.adapters.librarian.disk import DiskLibrarian
from buildd_manager.adapters.librarian.serving import Files
from buildd_manager.adapters.listening import Listener
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret
from buildd_manager.ports import IFileIndex
from buildd_manager.testing.store import memory_store


def login(name: str, password: str) -> str:
    """Say a name and a password as HTTP's Basic does."""
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


class FilesTests(TestCase):
    """What a worker, or a person, gets from the librarian."""

    timeout = 30

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        return Deferred.fromCoroutine(self.prepare())

    async def prepare(self) -> None:
        self.index: IFileIndex = memory_store(Clock()).files
        threads = Threads(reactor)  # type: ignore[arg-type]
        root = Path(self.mktemp())
        self.librarian = DiskLibrarian(root, self.index, threads, lambda: "http://x")
        await self.librarian.prepare()
        incoming = self.librarian.receive(compressed=True)
        await incoming.write(b"This is a build log")
        self.log = await incoming.keep("log-for-1-1.txt.gz", "application/octet-stream")
        site = Site(Files(self.index, self.librarian))
        listener = Listener(reactor, "tcp:0:interface=127.0.0.1", "listen", site)
        await listener.start()
        self.addCleanup(listener.stop)
        self.base = listener.url

    async def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        self.response = await treq.get(
            self.base + path,
            headers=Headers({name: [value] for name, value in headers.items()}),
            persistent=False,
            timeout=10,
        )
        return self.response.code, await treq.content(self.response)

    def header(self, name: str) -> str | None:
        values = self.response.headers.getRawHeaders(name)
        return values[0] if values else None

    def path(self, file: StoredFile) -> str:
        return f"/{file.alias}/{file.name}"

    async def test_whole(self) -> None:
        """The log is there by its address, gzipped, as bytes of no special kind."""
        code, data = await self.get(self.path(self.log))
        self.assertEqual(code, 200)
        self.assertEqual(gzip.decompress(data), b"This is a build log")
        self.assertEqual(self.header("content-type"), "application/octet-stream")
        self.assertFalse(self.header("content-encoding"))
        self.assertEqual(self.header("x-content-type-options"), "nosniff")

    async def test_range(self) -> None:
        """A part is there, too."""
        code, data = await self.get(self.path(self.log), range="bytes=0-1")
        self.assertEqual((code, data), (206, b"\x1f\x8b"))

    async def test_restricted(self) -> None:
        """What is for few people is there for who has its password. Case 90."""
        incoming = self.librarian.receive()
        await incoming.write(b"secret")
        file = await incoming.keep("a.dsc", "text/plain", restricted=True)
        password = self.librarian.admit(file).reveal()
        code, data = await self.get(
            self.path(file), authorization=login("buildd", password)
        )
        self.assertEqual((code, data), (200, b"secret"))
        self.assertEqual(self.header("cache-control"), "private, no-store")
        log = self.librarian.admit(self.log).reveal()
        for said in (
            "",
            login("buildd", ""),
            login("buildd", log),
            login("buildd", password + "\xff"),
            f"Bearer {password}",
            "Basic =",
        ):
            code, _ = await self.get(self.path(file), authorization=said)
            self.assertEqual(code, 401, said)
            self.assertIn("Basic", str(self.header("www-authenticate")))
        self.librarian.dismiss(Secret(password))
        said = login("buildd", password)
        code, data = await self.get(self.path(file), authorization=said)
        self.assertEqual((code, data), (401, b""))

    async def test_unknown(self) -> None:
        """A wrong name is as unknown as a wrong alias, or no alias."""
        name, alias = self.log.name, self.log.alias
        for path in (
            f"/{alias}/other",
            f"/{alias}",
            f"/{alias}/",
            f"/{alias}/{name}/x",
            f"/{alias + 1}/{name}",
            f"/{'9' * 30}/{name}",
            f"/-1/{name}",
            "/..%2f..%2fetc%2fpasswd",
            "/",
        ):
            code, _ = await self.get(path)
            self.assertEqual(code, 404, path)

    async def test_no_database(self) -> None:
        """While the database is away, the answer is to try again."""
        failed: Deferred[StoredFile] = Deferred()
        failed.errback(StoreUnavailableError("away"))
        self.patch(type(self.index), "find_file", lambda *_: failed)
        code, _ = await self.get(self.path(self.log))
        self.assertEqual(code, 503)
