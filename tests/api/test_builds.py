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

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import LibrarianError
from buildd_manager.domain.files import StoredFile
from tests.api.building import BuildCase
from tests.api.support import TOKEN
from tests.bad_inputs import cases


class BuildTests(BuildCase):
    """Builds, their logs and files."""

    async def logged(self, content: bytes) -> int:
        """Have a build end with a log."""
        await self.submit()
        running = await self.run_next()
        return await self.end(running, BuildState.FAILED_TO_BUILD, content)

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
        """What is no number, or of no build, is never our fault (A1, A2)."""
        await self.refused(404, "build", "GET", "builds/999")
        await self.refused(404, "build", "GET", f"builds/{2**63 - 1}")
        for text in ("1e9", "-1", "%201", "1%20OR%201=1", "0x1", f"{2**63}", "9" * 99):
            await self.refused(422, "build", "GET", f"builds/{text}")
        await self.refused(422, "limit", "GET", "builds?limit=0")
        await self.refused(422, "before", "GET", "builds?before=-1")
        for text in ("x", "-1", "1e9", "9" * 99, "%00"):
            await self.refused(422, "before", "GET", f"builds?before={text}")

    async def test_filter(self) -> None:
        """Builds are found by what is said of them."""
        number = await self.failed(Cause.NETWORK)
        other = await self.submit()
        for words in (
            "state=failed_to_build",
            "state=failed_to_build&state=chroot_wait&cause=network&cause=oom",
            "source=hello&builder=bob&series=bookworm&archive=debian&arch=amd64",
        ):
            _, page = await self.ask("GET", f"builds?{words}")
            self.assertEqual([one["id"] for one in page], [number], words)
        _, page = await self.ask("GET", "builds?source=hello")
        self.assertEqual([one["id"] for one in page], [other, number])
        _, page = await self.ask("GET", "builds?cause=network&state=needs_build")
        self.assertEqual(page, [])

    async def test_bad_filter(self) -> None:
        """A word that nobody knows is never passed over."""
        await self.refused(422, "state", "GET", "builds?state=failed")
        await self.refused(422, "cause", "GET", "builds?cause=rain")
        await self.refused(422, "'sate'", "GET", "builds?sate=failed_to_build")
        for text in ("%00", "a%0a", "", "x" * 256):
            await self.refused(422, "source", "GET", f"builds?source={text}")

    async def test_detail(self) -> None:
        """A build shows its score, its cause and what it is likely to take."""
        number = await self.failed(Cause.OUT_OF_MEMORY)
        _, told = await self.ask("GET", f"builds/{number}")
        self.assertEqual(
            (told["state"], told["state_id"], told["cause"], told["final"]),
            ("Failed to build", "failed_to_build", "oom", True),
        )
        points = {term["id"]: term["points"] for term in told["scored"]}
        self.assertEqual(points, {"urgency": 5, "pocket": 1500, "component": 1000})
        self.assertEqual((told["score"], told["manual_score"]), (2505, False))
        self.assertEqual(told["estimate"], 60.0)
        self.assertIsNotNone(told["first_dispatched"])
        (attempt,) = told["attempts"]
        self.assertEqual((attempt["builder"], attempt["cause"]), ("bob", "oom"))

    async def test_old_logs(self) -> None:
        """The log of each attempt can be read, also after a retry."""
        first = await self.logged(gzip.compress(b"first"))
        await self.store.queue.retry(first)
        running = await self.run_next()
        log = gzip.compress(b"second")
        await self.end(running, BuildState.FAILED_TO_BUILD, log)
        for number, content in ((1, b"first"), (2, b"second")):
            path = f"builds/{first}/attempts/{number}/log"
            self.assertEqual(await self.ask("GET", path), (200, content))
        path = f"builds/{first}/attempts"
        await self.refused(404, "attempt", "GET", f"{path}/3/log")
        await self.refused(422, "attempt", "GET", f"{path}/x/log")
        await self.refused(404, "build", "GET", "builds/999/attempts/1/log")

    async def test_files(self) -> None:
        """The results of a build are listed, with where they are."""
        await self.submit()
        running = await self.run_next()
        file: StoredFile = await self.stored(b"deb", "hello_1_amd64.deb")
        number = await self.end(running, BuildState.UPLOADING, files=(file,))
        _, (told,) = await self.ask("GET", f"builds/{number}/files")
        self.assertEqual((told["name"], told["sha256"]), (file.name, file.sha256))

    async def test_file(self) -> None:
        """A result is sent whole; what is for few people has no other address."""
        content = os.urandom(200_000)
        public = await self.stored(content, "a.deb")
        private = await self.stored(content[1:], "b.deb", restricted=True)
        await self.submit()
        running = await self.run_next()
        files = (public, private)
        number = await self.end(running, BuildState.UPLOADING, files=files)
        path = f"builds/{number}/files"
        _, told = await self.ask("GET", path)
        urls = [self.librarian.url_of(public), None]
        self.assertEqual([one["url"] for one in told], urls)
        for name, wanted in (("a.deb", content), ("b.deb", content[1:])):
            code, sent = await self.ask("GET", f"{path}/{name}")
            self.assertEqual((code, sent), (200, wanted))
            kind = self.response.headers.getRawHeaders("content-type")
            self.assertEqual(kind, ["application/octet-stream"])
        await self.refused(404, "file", "GET", f"{path}/c.deb")
        self.librarian.contents[public.sha256] = content[:70_000]
        with self.assertRaises(ResponseFailed):
            await self.ask("GET", f"{path}/a.deb")
        self.assertEqual(len(self.flushLoggedErrors(LibrarianError)), 1)

    async def test_log(self) -> None:
        """A log is gunzipped on its way, whole, as plain text."""
        waiting = await self.submit()
        _, none = await self.ask("GET", f"builds/{waiting}/log")
        self.assertEqual(none, b"")
        content = b"".join(b"[%d] \xff cc -c\n" % line for line in range(100_000))
        await self.store.queue.cancel(waiting)
        number = await self.logged(gzip.compress(content))
        code, told = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual((code, told), (200, content))
        headers = self.response.headers
        self.assertEqual(
            headers.getRawHeaders("content-type"), ["text/plain; charset=utf-8"]
        )
        self.assertEqual(headers.getRawHeaders("x-content-type-options"), ["nosniff"])

    async def test_bad_logs(self) -> None:
        """Whatever is in a log, it is served as it is, and as plain text."""
        for case in cases("logs/logs"):
            content = case.bytes_of("log")
            number = await self.logged(gzip.compress(content))
            told = await self.ask("GET", f"builds/{number}/log")
            self.assertEqual(told, (200, content), str(case))
            headers = self.response.headers
            (kind,) = headers.getRawHeaders("content-type", [])
            self.assertEqual(kind, "text/plain; charset=utf-8", str(case))
            (sniff,) = headers.getRawHeaders("x-content-type-options", [])
            self.assertEqual(sniff, "nosniff", str(case))

    async def test_broken_log(self) -> None:
        """Half a log never looks like a whole one."""
        whole = gzip.compress(os.urandom(2**20))
        for kept in (whole[: 2**19], whole[:-1]):
            number = await self.logged(kept)
            with self.assertRaises(ResponseFailed):
                await self.ask("GET", f"builds/{number}/log")
        number = await self.logged(whole)
        self.librarian.contents.clear()
        code, _ = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual(code, 500)
        self.assertEqual(len(self.flushLoggedErrors(LibrarianError)), 3)

    async def test_gone_reader(self) -> None:
        """Whoever goes away in the middle of a log leaves nothing behind."""
        number = await self.logged(gzip.compress(bytes(2**26)))
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
        number = await self.logged(gzip.compress(bytes(2**26)))
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
