"""What is sent and received, piece by piece."""

import io
import os
import tarfile
from pathlib import Path
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.interfaces import IConsumer
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.client import ResponseDone, ResponseFailed

from buildd_manager.cli.errors import INVALID, CommandLineError
from buildd_manager.cli.receiving import SILENCE, Intake, TooLargeError
from buildd_manager.cli.sending import PIECE, Body, file_body, tar_body


class Sink:
    """Takes what is written to it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(data)


class SendingTests(TestCase):
    """Files on their way out."""

    def setUp(self) -> None:
        self.place = Path(self.mktemp())
        self.place.mkdir()
        self.sink = Sink()

    def file(self, name: str, content: bytes) -> Path:
        path = self.place / name
        path.write_bytes(content)
        return path

    def begin(self, body: Body) -> Deferred[None]:
        return body.startProducing(cast("IConsumer", self.sink))

    async def test_file(self) -> None:
        """A file is sent as it is, never much of it at once."""
        content = os.urandom(3 * PIECE + 1)
        body = file_body(self.file("x", content))
        await self.begin(body)
        self.assertEqual(b"".join(self.sink.pieces), content)
        self.assertEqual(body.length, len(content))
        self.assertEqual(max(map(len, self.sink.pieces)), PIECE)

    async def test_tar(self) -> None:
        """Files of any size and name are a tar, as long as was told."""
        contents = {
            "empty": b"",
            "block": b"x" * 512,
            "l" * 200: b"long",
            "large": os.urandom(PIECE + 1),
        }
        body = tar_body([self.file(*item) for item in contents.items()])
        await self.begin(body)
        sent = b"".join(self.sink.pieces)
        self.assertEqual(len(sent), body.length)
        with tarfile.open(fileobj=io.BytesIO(sent), mode="r:") as tar:
            found = {one.name: tar.extractfile(one) for one in tar}
            read = {name: one.read() for name, one in found.items() if one}
        self.assertEqual(read, contents)

    async def test_shrunk(self) -> None:
        """A file that has become shorter meanwhile is named."""
        path = self.file("x", bytes(1000))
        body = file_body(path)
        path.write_bytes(b"")
        with self.assertRaises(CommandLineError) as caught:
            await self.begin(body)
        error = caught.exception
        self.assertEqual((error.status, error.field), (INVALID, "x"))

    async def test_grown(self) -> None:
        """Of a file that has grown meanwhile no more is sent than was told."""
        path = self.file("x", bytes(1000))
        body = file_body(path)
        path.write_bytes(bytes(2000))
        await self.begin(body)
        self.assertEqual(len(b"".join(self.sink.pieces)), 1000)

    def test_no_file(self) -> None:
        """What is no file is refused before anything is sent."""
        for path in (self.place, self.place / "none"):
            self.assertRaises(CommandLineError, file_body, path)
            self.assertRaises(CommandLineError, tar_body, [path])

    def test_stopped(self) -> None:
        """Whoever stops it, or cancels it, gets no more."""
        for stop in (Body.stopProducing, None):
            body = Body(2, lambda: iter([b"a", b"b"]))
            sending = self.begin(body)
            body.pauseProducing()
            if stop is None:
                sending.cancel()
            else:
                stop(body)
            self.assertNoResult(sending)


class IntakeTests(SynchronousTestCase):
    """An answer on its way in."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.taken: list[bytes] = []
        self.intake = Intake(self.taken.append, self.clock, 10)

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_whole(self) -> None:
        """It is there once its end is, however slowly it comes."""
        for piece in (b"12345", b"67890"):
            self.clock.advance(SILENCE - 1)
            self.intake.dataReceived(piece)
        self.assertNoResult(self.intake.done)
        self.intake.connectionLost(Failure(ResponseDone()))
        self.assertIsNone(self.successResultOf(self.intake.done))
        self.assertEqual(self.taken, [b"12345", b"67890"])

    def test_too_large(self) -> None:
        """More than was wanted is not taken."""
        self.intake.dataReceived(b"12345")
        self.intake.dataReceived(b"678901")
        self.intake.dataReceived(b"2")
        self.failureResultOf(self.intake.done, TooLargeError)
        self.assertEqual(self.taken, [b"12345"])

    def test_silent(self) -> None:
        """Nobody waits for ever."""
        self.intake.dataReceived(b"1")
        self.clock.advance(SILENCE)
        self.failureResultOf(self.intake.done, DeferredTimeoutError)

    def test_cut_short(self) -> None:
        """What ends too early has failed."""
        self.intake.connectionLost(Failure(ResponseFailed([])))
        self.failureResultOf(self.intake.done, ResponseFailed)

    def test_not_taken(self) -> None:
        """What keeps it from being taken is heard by whoever waits."""
        intake = Intake(lambda _: 1 / 0, self.clock, None)
        intake.dataReceived(b"1")
        intake.connectionLost(Failure(ResponseDone()))
        self.failureResultOf(intake.done, ZeroDivisionError)
        self.intake.connectionLost(Failure(ResponseDone()))
