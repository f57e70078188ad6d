"""Files of workers that are slow, broken or hostile."""

from functools import partial
from itertools import pairwise

from attrs import define, evolve, field
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.task import Clock
from twisted.internet.tcp import Client
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from buildd_manager.adapters.worker.fetching import HIGH_WATER
from buildd_manager.adapters.worker.workers import Timeouts
from buildd_manager.domain.errors import (
    BadFileError,
    BuilddManagerError,
    LibrarianError,
    WorkerUnreachableError,
)
from buildd_manager.ports import IReceiver
from buildd_manager.testing.worker_case import Kept
from lab.worker import free_port
from tests.adapters.patience import failing, pause, until
from tests.adapters.worker_client import TIMES, worker_at
from tests.adapters.worker_data import check_error, reply_of
from tests.adapters.worker_servers import (
    Answering,
    Answers,
    RealSockets,
    saying,
    serve,
)
from tests.bad_inputs import cases


SHA1 = "a" * 40

LIMIT = 1 << 20


def with_length(body: bytes) -> bytes:
    """Put headers before ``body``, as workers do."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@implementer(IReceiver)
@define
class Slow:
    """Takes the next piece when it is told to."""

    data: bytearray = field(factory=bytearray)
    taking: Deferred[None] | None = None

    def write(self, data: bytes) -> Deferred[None]:
        self.data += data
        self.taking = Deferred()
        return self.taking


@implementer(IReceiver)
class Full:
    """Takes nothing."""

    def write(self, data: bytes) -> Deferred[None]:
        return fail(LibrarianError("the disk is full"))


class FetchTests(TestCase):
    """Files, over real sockets."""

    timeout = 60

    async def fetch(
        self, answer: bytes, limit: int = LIMIT, then: str = "close"
    ) -> bytes:
        """Fetch a file from a worker that gives ``answer``."""
        self.answers = Answers(saying(answer, then))
        self.kept = Kept()
        worker = worker_at(await serve(self, self.answers))
        await worker.fetch_file(SHA1, self.kept, limit)
        return bytes(self.kept.data)

    async def test_request(self) -> None:
        """A file is asked for by its sum, as it is. Case 83."""
        self.assertEqual(await self.fetch(with_length(b"content")), b"content")
        (request,) = self.answers.requests
        lines = request.split(b"\r\n")
        self.assertEqual(lines[0], b"GET /filecache/%s HTTP/1.1" % SHA1.encode())
        self.assertIn(b"Accept-Encoding: identity", lines)
        self.assertIn(b"Connection: close", lines)

    async def test_at_once(self) -> None:
        """A file is whole when all of it is there, even if nobody hangs up."""
        answer = with_length(b"content")
        self.assertEqual(await self.fetch(answer, then="hang"), b"content")

    async def test_empty(self) -> None:
        """A file may be empty. Case 83."""
        self.assertEqual(await self.fetch(with_length(b"")), b"")

    async def test_large(self) -> None:
        """A file may come at once with its headers, however large it is."""
        content = bytes(range(256)) * 2000
        self.assertEqual(await self.fetch(with_length(content)), content)

    async def test_chunks(self) -> None:
        """A file may come in chunks."""
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = head + b"3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n"
        self.assertEqual(await self.fetch(answer), b"content")

    async def test_limit(self) -> None:
        """A file of just as many bytes as may be is kept; with one more, it is not."""
        self.assertEqual(await self.fetch(with_length(b"content"), 7), b"content")
        error = await failing(self.fetch(with_length(b"contents"), 7), BadFileError)
        self.assertEqual(str(error), "it has more than 7 bytes")

    async def test_cut(self) -> None:
        """A log of too many bytes is cut, and that is told."""
        answers = Answers(saying(with_length(b"line\n" * 100_000)))
        worker = worker_at(await serve(self, answers))
        for limit, is_cut in ((7, True), (499_999, True), (500_000, False)):
            kept = Kept()
            self.assertIs(await worker.fetch_log(kept, limit), is_cut)
            self.assertEqual(len(kept.data), limit)
        paths = {request.split()[1] for request in answers.requests}
        self.assertEqual(paths, {b"/filecache/buildlog"})

    async def test_hostile(self) -> None:
        """What an enemy sends is refused for what it is, at once."""
        for case in cases("worker/transport"):
            if "file" not in case:
                continue
            raised: Exception | None = None
            try:
                await self.fetch(reply_of(case), then=case.get("then", "close"))
            except BuilddManagerError as error:
                raised = error
            check_error(case, raised, case["file"])

    async def test_refused(self) -> None:
        """A worker that is not there is unreachable, and why."""
        worker = worker_at(f"http://127.0.0.1:{free_port()}")
        fetching = worker.fetch_file(SHA1, Kept(), LIMIT)
        error = await failing(fetching, WorkerUnreachableError)
        self.assertIn("Connection was refused", str(error))

    async def test_reset(self) -> None:
        """A worker that hangs up before it answers is unreachable."""
        worker = worker_at(await serve(self, Answers(Answering.cut)))
        fetching = worker.fetch_file(SHA1, Kept(), LIMIT)
        await failing(fetching, WorkerUnreachableError)

    async def test_full(self) -> None:
        """If nobody can take the file, that is not the worker's fault."""
        answers = Answers(saying(with_length(b"x" * LIMIT)))
        worker = worker_at(await serve(self, answers))
        for fetching in (
            worker.fetch_file(SHA1, Full(), LIMIT),
            worker.fetch_log(Full(), LIMIT),
        ):
            error = await failing(fetching, LibrarianError)
            self.assertEqual(str(error), "the disk is full")

    async def test_slow(self) -> None:
        """While nobody takes more, no more is read; nothing is lost by that."""
        content = bytes(range(251)) * 40_000
        answers = Answers(saying(with_length(content)))
        url = await serve(self, answers)
        slow = Slow()
        fetching = worker_at(url).fetch_log(slow, len(content))
        await until(lambda: slow.taking and not is_reading(url))
        done: list[object] = []
        fetching.addBoth(done.append)
        sizes = [len(slow.data)]
        while not done:
            if slow.taking and not slow.taking.called:
                slow.taking.callback(None)
                sizes.append(len(slow.data))
            await pause(0)
        self.assertEqual(done, [False])
        self.assertEqual(slow.data, content)
        steps = [after - before for before, after in pairwise(sizes)]
        self.assertLess(max(steps), HIGH_WATER + (1 << 17))

    async def test_cancelled(self) -> None:
        """Whoever cancels a fetch hangs up, and hears so."""
        for sent in (b"", b"HTTP/1.1 200 OK\r\n", with_length(b"content")[:-1]):
            answers = Answers(saying(sent, "hang"))
            worker = worker_at(await serve(self, answers))
            fetching = worker.fetch_file(SHA1, Kept(), LIMIT)
            await heard(answers)
            fetching.cancel()
            await failing(fetching, CancelledError)


class TimeTests(TestCase):
    """Files of workers that take their time."""

    timeout = 60

    def setUp(self) -> None:
        self.clock = Clock()
        self.times = TIMES
        self.kept = Kept()

    async def ask(self, answers: Answers, times: Timeouts = TIMES) -> Deferred[None]:
        """Ask for a file, and wait until the worker has read so."""
        url = await serve(self, answers)
        worker = worker_at(url, RealSockets(self.clock), times)
        fetching = worker.fetch_file(SHA1, self.kept, LIMIT)
        await heard(answers)
        return fetching

    def has(self, size: int) -> bool:
        """Tell whether so many bytes have come."""
        return len(self.kept.data) >= size

    async def test_silence(self) -> None:
        """
        A worker that says nothing for a minute is unreachable.

        Bad input W2.
        """
        for sent in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n"):
            fetching = await self.ask(Answers(saying(sent, "hang")))
            self.clock.advance(self.times.idle - 0.1)
            self.assertNoResult(fetching)
            self.clock.advance(0.1)
            error = await failing(fetching, WorkerUnreachableError)
            self.assertIn("no answer within 60 s", str(error))
            self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_drops_of_headers(self) -> None:
        """Headers that come little by little are given no more time."""
        connections: list[Answering] = []
        fetching = await self.ask(Answers(connections.append))
        sent = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100
        for byte in sent[: int(self.times.idle)]:
            self.assertNoResult(fetching)
            connections[0].send(bytes([byte]))
            await pause(0.001)
            self.clock.advance(1.0)
        await failing(fetching, WorkerUnreachableError)

    async def test_half(self) -> None:
        """A file of which nothing comes for a minute is a bad one."""
        fetching = await self.ask(Answers(saying(with_length(b"content")[:-1], "hang")))
        await until(lambda: self.kept.data)
        self.clock.advance(self.times.idle - 0.1)
        self.assertNoResult(fetching)
        self.clock.advance(0.1)
        error = await failing(fetching, BadFileError)
        self.assertEqual(str(error), "nothing came for 60 s")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_loris(self) -> None:
        """
        A file that comes, but ever too slowly, is a bad one after a minute.

        Bad input R3.
        """
        connections: list[Answering] = []
        fetching = await self.ask(Answers(connections.append))
        (connection,) = connections
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        size = self.times.slowest * 10
        for number in range(5):
            connection.send(bytes(size))
            await until(partial(self.has, size * (number + 1)))
            self.assertNoResult(fetching)
            self.clock.advance(10.0)
        connection.send(bytes(size - 1))
        await until(partial(self.has, size * 6 - 1))
        self.clock.advance(10.0)
        error = await failing(fetching, BadFileError)
        self.assertEqual(str(error), "983039 bytes came in 60 s, not 16384 a second")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_just_fast_enough(self) -> None:
        """One that is just fast enough may take longer than a minute."""
        connections: list[Answering] = []
        times = evolve(self.times, slowest=100)
        size = times.slowest * 30
        fetching = await self.ask(Answers(connections.append), times)
        (connection,) = connections
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (6 * size))
        for number in range(6):
            connection.send(bytes(size))
            await until(partial(self.has, size * (number + 1)))
            self.clock.advance(30.0)
        await fetching
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_our_own_slowness(self) -> None:
        """While we make a worker wait, no time passes for it."""
        content = bytes(HIGH_WATER * 40)
        answers = Answers(saying(with_length(content)))
        url, slow = await serve(self, answers), Slow()
        worker = worker_at(url, RealSockets(self.clock))
        fetching = worker.fetch_file(SHA1, slow, len(content))
        await until(lambda: slow.taking and not is_reading(url))
        self.clock.advance(self.times.fetch - 1.0)
        self.assertNoResult(fetching)
        done: list[object] = []
        fetching.addBoth(done.append)
        while not done:
            if slow.taking and not slow.taking.called:
                slow.taking.callback(None)
            await pause(0)
        self.assertEqual(done, [None])
        self.assertEqual(len(slow.data), len(content))

    async def test_drops(self) -> None:
        """A file is a bad one after an hour, however steadily it comes."""
        connections: list[Answering] = []
        times = evolve(self.times, slowest=1)
        fetching = await self.ask(Answers(connections.append), times)
        (connection,) = connections
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        step = self.times.idle - 10.0
        for number in range(int(self.times.fetch / step)):
            connection.send(b"x" * 120)
            await until(partial(self.has, 120 * (number + 1)))
            self.assertNoResult(fetching)
            self.clock.advance(step)
        error = await failing(fetching, BadFileError)
        self.assertEqual(str(error), f"{SHA1} took more than 3600 s")
        self.assertEqual(self.clock.getDelayedCalls(), [])


async def heard(answers: Answers) -> None:
    """Wait until the worker has read a request and answered."""
    await until(lambda: answers.requests)
    await pause(0.01)


def is_reading(url: str) -> bool:
    """Tell whether anybody reads what the server at ``url`` sends."""
    port = int(url.rpartition(":")[2])
    clients = [one for one in reactor.getReaders() if isinstance(one, Client)]
    return any(client.getPeer().port == port for client in clients)
