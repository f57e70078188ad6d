"""Loops that never overlap themselves and never die."""

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.errors import WorkerUnreachableError
from buildd_manager.services.rounds import PATIENCE, Rounds
from buildd_manager.testing.store import memory_store
from tests.services.scanners import scanner


class RoundsTests(SynchronousTestCase):
    """A loop of ten seconds on a clock that we own."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.begun: list[float] = []
        self.failures: list[Failure] = []
        self.hold: Deferred[None] | None = None
        self.rounds = Rounds(self.work, self.failures.append, self.clock, 10)

    def work(self) -> Deferred[None]:
        self.begun.append(self.clock.seconds())
        return succeed(None) if self.hold is None else self.hold

    def test_again_and_again(self) -> None:
        """The work is done at once, and then every interval."""
        self.rounds.start()
        self.clock.pump([0, 10, 10])
        self.assertEqual(self.begun, [0, 10, 20])

    def test_delay(self) -> None:
        """The first round comes after a delay."""
        self.rounds.start(3)
        self.clock.pump([2, 1, 10])
        self.assertEqual(self.begun, [3, 13])

    def test_failure(self) -> None:
        """A round that fails, in any way, is followed by another."""

        def work() -> Deferred[None]:
            raise ZeroDivisionError

        rounds = Rounds(work, self.failures.append, self.clock, 10)
        rounds.start()
        self.clock.pump([0, 10])
        self.assertEqual([f.type for f in self.failures], [ZeroDivisionError] * 2)

    def test_no_overlap(self) -> None:
        """While a round lasts, no other begins."""
        self.hold = Deferred()
        self.rounds.start()
        self.clock.pump([0, 10, 10, 5])
        self.assertEqual(self.begun, [0])
        self.hold.callback(None)
        self.hold = None
        self.clock.pump([5, 10])
        self.assertEqual(self.begun, [0, 30, 40])

    def test_woken(self) -> None:
        """Woken, it does a round at once, and the next one an interval later."""
        self.rounds.start()
        self.clock.pump([0, 4])
        self.rounds.wake()
        self.clock.pump([9, 1])
        self.assertEqual(self.begun, [0, 4, 14])

    def test_woken_in_a_round(self) -> None:
        """Woken in a round, it does another one right after, once."""
        self.hold = Deferred()
        self.rounds.start()
        self.clock.advance(0)
        self.rounds.wake()
        self.rounds.wake()
        hold, self.hold = self.hold, None
        hold.callback(None)
        self.clock.pump([0, 9, 1])
        self.assertEqual(self.begun, [0, 0, 10])

    def test_woken_before_it_begins(self) -> None:
        """Woken before the first round, it keeps its delay."""
        self.rounds.start(3)
        self.rounds.wake()
        self.assertEqual(self.begun, [])
        self.clock.advance(3)
        self.assertEqual(self.begun, [3])

    def test_stopped(self) -> None:
        """Stopped, it does no more, woken or not, and leaves nothing to the clock."""
        self.rounds.start()
        self.clock.advance(0)
        self.successResultOf(self.rounds.stop())
        self.rounds.wake()
        self.clock.advance(100)
        self.assertEqual(self.begun, [0])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_before_it_begins(self) -> None:
        """Stopped before the first round, it never begins."""
        self.rounds.start(3)
        self.successResultOf(self.rounds.stop())
        self.clock.advance(100)
        self.assertEqual(self.begun, [])

    def test_stopping_is_finishing(self) -> None:
        """It has stopped only when the round in hand has ended."""
        self.hold = Deferred()
        self.rounds.start()
        self.clock.advance(0)
        self.rounds.wake()
        stopping = self.rounds.stop(patience=5)
        self.assertNoResult(stopping)
        self.hold.callback(None)
        self.successResultOf(stopping)
        self.clock.advance(100)
        self.assertEqual(self.begun, [0])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_impatience(self) -> None:
        """A round that does not end in time is cancelled."""
        self.hold = Deferred()
        self.rounds.start()
        self.clock.advance(0)
        stopping = self.rounds.stop(patience=5)
        self.clock.advance(4)
        self.assertNoResult(stopping)
        self.clock.advance(1)
        self.successResultOf(stopping)
        self.assertEqual(len(self.failures), 1)


class ScannerTests(SynchronousTestCase):
    """The loop of one builder."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.scans: list[float] = []
        self.error: Exception | None = None
        store = memory_store(self.clock).builds
        self.scanner = scanner(store, 1, self.scan, self.clock, delay=4)

    def scan(self) -> Deferred[None]:
        self.scans.append(self.clock.seconds())
        if self.error is not None:
            raise self.error
        return succeed(None)

    def test_scans(self) -> None:
        """It scans after its delay, every fifteen seconds, until it is stopped."""
        self.scanner.startService()
        self.clock.pump([4, 15, 15])
        self.successResultOf(self.scanner.stopService())
        self.clock.advance(100)
        self.assertEqual(self.scans, [4, 19, 34])

    def test_worker_trouble(self) -> None:
        """Trouble with a worker is a warning, not a traceback, and it goes on."""
        self.error = WorkerUnreachableError("connection refused")
        self.scanner.startService()
        self.clock.pump([4, 15])
        self.assertEqual(self.scans, [4, 19])
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_our_trouble(self) -> None:
        """An error that nobody thought of is logged whole, and it goes on."""
        self.error = RuntimeError("ours")
        self.scanner.startService()
        self.clock.pump([4, 15])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)

    def test_woken(self) -> None:
        """Woken, it scans at once."""
        self.scanner.startService()
        self.clock.pump([4, 1])
        self.scanner.wake()
        self.assertEqual(self.scans, [4, 5])

    def test_hung(self) -> None:
        """A scan that hangs is cancelled when stopping has waited long enough."""
        hung: Deferred[None] = Deferred()
        hanging = scanner(memory_store(self.clock).builds, 1, lambda: hung, self.clock)
        hanging.startService()
        self.clock.advance(0)
        stopping = hanging.stopService()
        self.clock.advance(PATIENCE)
        self.successResultOf(stopping)
        self.assertEqual(len(self.flushLoggedErrors()), 0)
