"""Where files of workers are looked for, and how long for a connection."""

from attrs import evolve
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.domain.errors import (
    UntrustworthyError,
    WorkerUnreachableError,
)
from buildd_manager.testing.strategies import BUILDER
from buildd_manager.testing.worker_case import Kept
from tests.adapters.patience import failing, until
from tests.adapters.worker_client import worker_at
from tests.adapters.worker_servers import (
    RealSockets,
)
from tests.bad_inputs import cases


SHA1 = "a" * 40

LIMIT = 1 << 20


class AddressTests(SynchronousTestCase):
    """Where is looked for files."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()

    def test_no_sum(self) -> None:
        """What is no sum is asked of nobody."""
        worker = worker_at("http://bob.invalid:8221", self.reactor)
        sums = {
            value
            for case in cases("worker/filemaps")
            if case.id in {"F9", "F10"}
            for value in case.get("files", {}).values()
        }
        for value in sums:
            fetching = worker.fetch_file(str(value), Kept(), LIMIT)
            self.failureResultOf(fetching, UntrustworthyError)
        self.assertEqual(self.reactor.tcpClients, [])
        self.assertEqual(self.reactor.connectors, [])
        self.assertEqual(self.reactor.getDelayedCalls(), [])


class Lookout(RealSockets):
    """A reactor that connects to nobody, and remembers to whom it was to connect."""

    def __init__(self) -> None:
        super().__init__(Clock())
        self.places: list[tuple[str, int]] = []
        self.times: list[float] = []

    def connectTCP(  # noqa: N802
        self, host: str, port: int, *_: object, timeout: float, **__: object
    ) -> object:
        self.places.append((host, port))
        self.times.append(timeout)
        raise ConnectError


class ConnectingTests(TestCase):
    """How long is waited for a connection."""

    async def test_time(self) -> None:
        """As for an answer: Twisted's half a minute is none of ours. Case 81."""
        lookout = Lookout()
        times = Timeouts(call=40.0, call_virtual=50.0, idle=70.0)
        workers = LaunchpadBuilddWorkers(lookout, times)
        builder = evolve(BUILDER, url="http://127.0.0.1:8221")
        worker = workers.worker_of(builder)
        await failing(worker.status(), WorkerUnreachableError)
        virtual = workers.worker_of(evolve(builder, virtualized=True))
        await failing(virtual.status(), WorkerUnreachableError)
        fetching = worker.fetch_file(SHA1, Kept(), LIMIT)
        await until(lambda: len(lookout.places) > 2)
        self.assertEqual(lookout.times, [40.0, 50.0, 70.0])
        fetching.cancel()
        await failing(fetching, CancelledError)


class SixTests(TestCase):
    """Workers with an address of IPv6, which not every machine has."""

    async def test_ipv6(self) -> None:
        """They are reached there, for calls and for files."""
        lookout = Lookout()
        worker = worker_at("http://[2001:db8::1]:8221", lookout)
        await failing(worker.status(), WorkerUnreachableError)
        fetching = worker.fetch_file(SHA1, Kept(), LIMIT)
        await until(lambda: len(lookout.places) > 1)
        self.assertEqual(lookout.places, [("2001:db8::1", 8221)] * 2)
        fetching.cancel()
        await failing(fetching, CancelledError)
