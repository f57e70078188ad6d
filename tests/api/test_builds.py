"""Builds, their logs and files, as programs see them."""

import gzip
import os
from pathlib import Path

import treq
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed
from twisted.web.http_headers import Headers

from buildd_manager.domain.errors import LibrarianError
from buildd_manager.testing.catalogue import MemoryCatalogue
from tests.api.support import DSC, TOKEN, ApiCase, tar_of


class BuildTests(ApiCase):
    """Builds, their logs and files."""

    async def submit(self) -> int:
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        _, told = await self.ask("POST", "sources?series=bookworm", body)
        return int(told["builds"][0]["id"])

    async def keep_log(self, number: int, content: bytes) -> None:
        """Have a build end with a log."""
        incoming = self.librarian.receive()
        await incoming.write(content)
        catalogue = self.store.catalogue
        assert isinstance(catalogue, MemoryCatalogue)
        row = catalogue.rows.builds[number]
        row.log = await incoming.keep("log-for-1-1.txt.gz", "x/y")

    async def test_list(self) -> None:
        """Builds are listed from the newest on, as many as are asked for."""
        numbers = [await self.submit() for _ in range(3)]
        _, page = await self.ask("GET", "builds?limit=2")
        self.assertEqual([one["id"] for one in page], [numbers[2], numbers[1]])
        _, page = await self.ask("GET", f"builds?before={numbers[1]}&limit=999999")
        self.assertEqual([one["id"] for one in page], [numbers[0]])

    async def test_shown(self) -> None:
        """A build is shown with all that there is of it."""
        number = await self.submit()
        code, told = await self.ask("GET", f"builds/{number}")
        self.assertEqual(code, 200)
        self.assertEqual(
            (told["source"], told["log"], told["files"]), ("hello", None, [])
        )
        self.assertEqual(await self.ask("GET", f"builds/{number}/files"), (200, []))

    async def test_no_numbers(self) -> None:
        """What is no number, or of no build, is never our fault."""
        await self.refused(404, "build", "GET", "builds/999")
        await self.refused(404, "build", "GET", f"builds/{2**63 - 1}")
        for text in ("1e9", "-1", "%201", "1%20OR%201=1", "0x1", f"{2**63}", "9" * 99):
            await self.refused(422, "build", "GET", f"builds/{text}")
        await self.refused(422, "limit", "GET", "builds?limit=0")
        await self.refused(422, "before", "GET", "builds?before=-1")

    async def test_log(self) -> None:
        """A log is gunzipped on its way, whole, as plain text."""
        number = await self.submit()
        _, none = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual(none, b"")
        content = b"".join(b"[%d] \xff cc -c\n" % line for line in range(100_000))
        await self.keep_log(number, gzip.compress(content))
        code, told = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual((code, told), (200, content))
        headers = self.response.headers
        self.assertEqual(
            headers.getRawHeaders("content-type"), ["text/plain; charset=utf-8"]
        )
        self.assertEqual(headers.getRawHeaders("x-content-type-options"), ["nosniff"])

    async def test_broken_log(self) -> None:
        """Half a log never looks like a whole one."""
        whole = gzip.compress(os.urandom(2**20))
        number = await self.submit()
        for kept in (whole[: 2**19], whole[:-1]):
            await self.keep_log(number, kept)
            with self.assertRaises(ResponseFailed):
                await self.ask("GET", f"builds/{number}/log")
        await self.keep_log(number, whole)
        self.librarian.contents.clear()
        code, _ = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual(code, 500)
        self.assertEqual(len(self.flushLoggedErrors(LibrarianError)), 3)

    async def test_gone_reader(self) -> None:
        """Whoever goes away in the middle of a log leaves nothing behind."""
        number = await self.submit()
        await self.keep_log(number, gzip.compress(bytes(2**26)))
        response = await treq.get(
            f"{self.url}/api/v1/builds/{number}/log",
            headers=Headers({"authorization": [f"Bearer {TOKEN}"]}),
            unbuffered=True,
        )
        leaving = Leaving()
        response.deliverBody(leaving)
        await leaving.left

    async def test_gzip_bomb(self) -> None:
        """A log that is small and becomes large comes in pieces."""
        number = await self.submit()
        await self.keep_log(number, gzip.compress(bytes(2**26)))
        before = _peak()
        _, told = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual(len(told), 2**26)
        # The reader here keeps it all, twice while it joins it; we add little.
        self.assertLess(_peak() - before, 3 * 2**26)


class Leaving(Protocol):
    """Goes away after the first piece."""

    def __init__(self) -> None:
        self.left: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.left.callback(None)


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM in /proc/self/status")
