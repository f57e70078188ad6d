"""Calls to workers that are slow, broken or hostile."""

from typing import Any
from xmlrpc.client import dumps

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.domain.errors import (
    BadReplyError,
    BuilddManagerError,
    WorkerUnreachableError,
)
from buildd_manager.domain.reports import Idle, Report, Verdict, Waiting
from buildd_manager.testing.strategies import BUILDER
from lab.worker import free_port
from tests.adapters.patience import failing, pause, until
from tests.adapters.worker_client import worker_at
from tests.adapters.worker_data import check_error, reply_of
from tests.adapters.worker_servers import (
    Answering,
    Answers,
    RealSockets,
    saying,
    serve,
)
from tests.bad_inputs import cases


IDLE = dumps(({"builder_status": "BuilderStatus.IDLE"},), methodresponse=True).encode()


def with_length(body: bytes) -> bytes:
    """Put a header before ``body``, as workers do."""
    return b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class CallTests(TestCase):
    """Calls, over real sockets."""

    timeout = 60

    async def status_of(self, answer: bytes, then: str = "close") -> Report:
        """Ask a worker that gives ``answer``."""
        self.answers = Answers(saying(answer, then))
        return await worker_at(await serve(self, self.answers)).status()

    async def test_request(self) -> None:
        """A call is one that today's and 2005's workers read."""
        self.assertEqual(await self.status_of(with_length(IDLE)), Idle())
        (request,) = self.answers.requests
        head, _, body = request.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"POST /rpc HTTP/1.0\r\n"))
        self.assertIn(b"Accept-Encoding: identity", head.split(b"\r\n"))
        self.assertIn(b"<methodName>status</methodName>", body)

    async def test_at_once(self) -> None:
        """An answer is taken when all of it is there, even if nobody hangs up."""
        self.assertEqual(await self.status_of(with_length(IDLE), "hang"), Idle())

    async def test_no_length(self) -> None:
        """An answer without a length ends with its connection."""
        self.assertEqual(
            await self.status_of(b"HTTP/1.0 200 OK\r\n\r\n" + IDLE), Idle()
        )

    async def test_large(self) -> None:
        """An answer with two thousand files is taken, with or without its length."""
        files = {f"package-{number}_1_amd64.deb": "a" * 40 for number in range(2000)}
        said = {
            "builder_status": "BuilderStatus.WAITING",
            "build_status": "BuildStatus.OK",
            "build_id": "1-1",
            "filemap": files,
        }
        body = dumps((said,), methodresponse=True).encode()
        meant = Waiting("1-1", Verdict.OK, files)
        self.assertEqual(await self.status_of(with_length(body)), meant)
        bare = b"HTTP/1.0 200 OK\r\n\r\n" + body
        self.assertEqual(await self.status_of(bare), meant)

    async def test_largest(self) -> None:
        """An answer of one mebibyte is read, and one of a byte more is not."""
        largest = IDLE + b" " * (2**20 - len(IDLE))
        self.assertEqual(await self.status_of(with_length(largest)), Idle())
        for answer in (
            with_length(largest + b" "),
            b"HTTP/1.0 200 OK\r\n\r\n" + largest + b" ",
        ):
            asked = self.status_of(answer)
            error = await failing(asked, BadReplyError)
            self.assertEqual(str(error), "a reply of more than 1048576 bytes")

    async def test_hostile(self) -> None:
        """What an enemy sends is refused for what it is, at once."""
        for case in cases("worker/transport"):
            raised: Exception | None = None
            try:
                await self.status_of(reply_of(case), case.get("then", "close"))
            except BuilddManagerError as error:
                raised = error
            check_error(case, raised, case["call"])

    async def test_refused(self) -> None:
        """
        A worker that is not there is unreachable, and why.

        Bad input W1.
        """
        worker = worker_at(f"http://127.0.0.1:{free_port()}")
        error = await failing(worker.status(), WorkerUnreachableError)
        self.assertIn("Connection was refused", str(error))

    async def test_reset(self) -> None:
        """A worker that hangs up half-way is unreachable."""
        answers = Answers(Answering.cut)
        worker = worker_at(await serve(self, answers))
        await failing(worker.status(), WorkerUnreachableError)

    async def test_cancelled(self) -> None:
        """Whoever cancels a call hangs up, and hears so."""
        answers = Answers(lambda _: None)
        asked = worker_at(await serve(self, answers)).status()
        await until(lambda: answers.requests)
        asked.cancel()
        await failing(asked, CancelledError)


class DeadlineTests(TestCase):
    """Calls to workers that take their time."""

    timeout = 60

    def setUp(self) -> None:
        self.clock = Clock()
        self.times = Timeouts()

    async def ask(self, answers: Answers) -> Deferred[Report]:
        """Ask for a status, and wait until the worker has read so."""
        url = await serve(self, answers)
        asked = worker_at(url, RealSockets(self.clock)).status()
        await until(lambda: answers.requests)
        return asked

    async def test_every_call(self) -> None:
        """Every call has an end, and what it was is told then. Case 80."""
        answers = Answers(lambda _: None)
        worker = worker_at(await serve(self, answers), RealSockets(self.clock))
        calls: dict[str, Deferred[Any]] = {
            "echo": worker.echo("ping"),
            "info": worker.info(),
            "proxy_info": worker.proxy_info(),
            "status": worker.status(),
            "build": worker.build("1-1", "binarypackage", "a" * 40, {}, {}),
            "abort": worker.abort(),
            "clean": worker.clean(),
        }
        await until(lambda: len(answers.requests) == len(calls))
        self.clock.advance(self.times.call)
        for method, asked in calls.items():
            error = await failing(asked, WorkerUnreachableError)
            self.assertEqual(str(error), f"{method}: no answer within 30 s")

    async def test_silence(self) -> None:
        """
        A worker that says nothing is unreachable when the time for a call is up.

        Bad input W2.
        """
        asked = await self.ask(Answers(lambda _: None))
        self.clock.advance(self.times.call - 0.1)
        self.assertNoResult(asked)
        self.clock.advance(0.1)
        error = await failing(asked, WorkerUnreachableError)
        self.assertEqual(str(error), "status: no answer within 30 s")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_half(self) -> None:
        """So is one that stops within its headers, or within its answer."""
        for sent in (b"HTTP/1.0 200 OK\r\nX: y", with_length(IDLE)[:-1]):
            asked = await self.ask(Answers(saying(sent, "hang")))
            await pause(0.01)
            self.clock.advance(self.times.call - 0.1)
            self.assertNoResult(asked)
            self.clock.advance(0.1)
            await failing(asked, WorkerUnreachableError)

    async def test_drops(self) -> None:
        """So is one that sends a little now and then: the time is for the whole."""
        connections: list[Answering] = []
        asked = await self.ask(Answers(connections.append))
        (connection,) = connections
        for byte in b"HTTP/1.0 200 OK\r\nX: yyyyyyyyyy":
            self.assertNoResult(asked)
            connection.send(bytes([byte]))
            await pause(0.001)
            self.clock.advance(1.0)
        await failing(asked, WorkerUnreachableError)

    async def test_virtual(self) -> None:
        """A virtual builder may have more time, or less, than a real one. Case 76."""
        answers = Answers(lambda _: None)
        url = await serve(self, answers)
        times = Timeouts(call=20.0, call_virtual=10.0)
        workers = LaunchpadBuilddWorkers(RealSockets(self.clock), times)
        builder = evolve(BUILDER, url=url)
        real = workers.worker_of(builder).status()
        virtual = workers.worker_of(evolve(builder, virtualized=True)).status()
        await until(lambda: len(answers.requests) == 2)
        self.clock.advance(9.9)
        self.assertNoResult(virtual)
        self.clock.advance(0.1)
        error = await failing(virtual, WorkerUnreachableError)
        self.assertEqual(str(error), "status: no answer within 10 s")
        self.assertNoResult(real)
        self.clock.advance(10.0)
        error = await failing(real, WorkerUnreachableError)
        self.assertEqual(str(error), "status: no answer within 20 s")

    async def test_patience(self) -> None:
        """A worker that fetches a file is given twenty times as much. Case 80."""
        self.assertEqual(self.times.ensure_present, 20 * self.times.call)
        answers = Answers(lambda _: None)
        url = await serve(self, answers)
        worker = worker_at(url, RealSockets(self.clock))
        asked = worker.ensure_present("a" * 40, "http://librarian.invalid/1/x")
        await until(lambda: answers.requests)
        self.clock.advance(self.times.ensure_present - 0.1)
        self.assertNoResult(asked)
        self.clock.advance(0.1)
        error = await failing(asked, WorkerUnreachableError)
        self.assertEqual(str(error), "ensurepresent: no answer within 600 s")
