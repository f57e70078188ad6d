"""What a request may take, on a real socket, from somebody who means harm."""

import json
from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import clientFromString, connectProtocol
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Request
from zope.interface import implementer

from buildd_manager.adapters.listening import Listener
from buildd_manager.api.bounding import Bounds
from buildd_manager.api.site import bounded_site
from tests.api.support import TOKEN, quiet


BOUNDS = Bounds(large=2000, small=1000)


class Peer(Protocol):
    """Says what it is told to, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard = b""
        self.ended: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(self.heard)


@implementer(IHalfCloseableProtocol)
class DeafPeer(Peer):
    """Goes on when the other side has said its last word."""

    def readConnectionLost(self) -> None:  # noqa: N802 - Twisted's
        pass

    def writeConnectionLost(self) -> None:  # noqa: N802 - Twisted's
        pass


class Page(Resource):
    """Counts what comes through."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def render(self, request: Request) -> bytes:
        assert request.content is not None
        self.seen.append(len(request.content.read()))
        return b"seen"


class BoundedRequestTests(TestCase):
    """Requests that are refused by their headers, size or slowness."""

    timeout = 30

    async def serve(self, bounds: Bounds) -> None:
        self.page = Page()
        site = bounded_site(self.page, TOKEN, reactor, bounds)
        self.listener = Listener(reactor, "tcp:0:interface=127.0.0.1", "listen", site)
        await self.listener.start()
        self.addCleanup(self.listener.stop)
        self.addCleanup(lambda: Deferred.fromCoroutine(quiet()))

    async def say(
        self,
        *lines: str,
        body: bytes = b"",
        token: str = TOKEN,
        as_peer: Callable[[], Peer] = Peer,
    ) -> Peer:
        """Begin a request."""
        port = self.listener.url.rpartition(":")[2]
        endpoint = clientFromString(reactor, f"tcp:127.0.0.1:{port}")
        peer: Peer = await connectProtocol(endpoint, as_peer())
        head = ("POST / HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", *lines)
        assert peer.transport is not None
        peer.transport.write("\r\n".join((*head, "", "")).encode() + body)
        return peer

    def check(self, heard: bytes, status: int) -> None:
        """Check that there was one answer, a problem that names what to mend."""
        head, _, body = heard.partition(b"\r\n\r\n")
        self.assertEqual(head.split()[:2], [b"HTTP/1.1", str(status).encode()], heard)
        told = json.loads(body)
        self.assertEqual(told["status"], status)
        self.assertTrue(told["field"] and told["fault"] and told["mend"])
        self.assertEqual(self.page.seen, [])

    async def test_small(self) -> None:
        """What keeps within the bounds comes through, up to the last byte."""
        await self.serve(BOUNDS)
        for kind, size in (("application/json", 1000), ("application/x-tar", 2000)):
            peer = await self.say(
                f"Content-Type: {kind}",
                f"Content-Length: {size}",
                "Connection: close",
                body=b"x" * size,
            )
            self.assertIn(b"200 OK", await peer.ended)
        self.assertEqual(self.page.seen, [1000, 2000])

    async def test_told_length(self) -> None:
        """A length that is too large is refused without a byte of the body."""
        await self.serve(BOUNDS)
        for kind, size in (
            ("application/json", 1001),
            ("application/x-tar", 2001),
            ("application/x-www-form-urlencoded", 1001),
            ("multipart/form-data; boundary=x", 1001),
            ("application/x-tar", 5 * 2**30),
        ):
            peer = await self.say(f"Content-Type: {kind}", f"Content-Length: {size}")
            self.check(await peer.ended, 413)

    async def test_untold_length(self) -> None:
        """
        A body in chunks, without end, is refused once it is too large.

        Bad input A3.
        """
        await self.serve(BOUNDS)
        chunk = b"64\r\n" + b"x" * 100 + b"\r\n"
        peer = await self.say("Transfer-Encoding: chunked", body=chunk * 11)
        self.check(await peer.ended, 413)

    async def test_expecting(self) -> None:
        """Whoever asks whether to go on is told so, or told why not."""
        await self.serve(BOUNDS)
        peer = await self.say("Content-Length: 1001", "Expect: 100-continue")
        self.check(await peer.ended, 413)
        peer = await self.say("Content-Length: 4", "Expect: 100-continue")
        while b"100 Continue" not in peer.heard:
            await deferLater(reactor, 0.005)
        assert peer.transport is not None
        peer.transport.loseConnection()

    async def test_stranger(self) -> None:
        """A stranger is refused before his body, and gets nothing onto a disk."""
        await self.serve(BOUNDS)
        for token in ("", "x", f"{TOKEN}x", TOKEN.upper(), f"{TOKEN}, {TOKEN}"):
            peer = await self.say("Content-Length: 900", token=token)
            self.check(await peer.ended, 401)
        peer = await self.say("Authorization: Bearer x", "Content-Length: 900")
        self.check(await peer.ended, 401)

    async def test_slow(self) -> None:
        """
        Headers, or a body, that do not come to an end are refused in time.

        Bad input A3.
        """
        await self.serve(Bounds(large=2000, small_time=0.05, large_time=0.05))
        for kind in ("application/json", "application/x-tar"):
            peer = await self.say(f"Content-Type: {kind}", "Content-Length: 900")
            self.check(await peer.ended, 408)
        peer = await self.say("X: unfinished", body=b"")
        # The blank line is there: begin a second request, which never ends.
        assert peer.transport is not None
        peer.transport.write(b"POST / HTTP/1.1\r\nHost: x\r\n")
        heard = await peer.ended
        self.assertIn(b"200 OK", heard)
        self.assertIn(b"408 ", heard)

    async def test_deaf(self) -> None:
        """Whoever is refused and goes on all the same is cut off in the end."""
        await self.serve(Bounds(large=2000, linger=0.1))
        head = "Transfer-Encoding: chunked"
        peer = await self.say(head, token="x", as_peer=DeafPeer)
        while not peer.ended.called:
            assert peer.transport is not None
            peer.transport.write(b"1\r\nx\r\n")
            await deferLater(reactor, 0.01)
        self.check(peer.heard, 401)
