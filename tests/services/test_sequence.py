"""Parts that start one after the other."""

from collections.abc import Iterator

from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.errors import StartError
from buildd_manager.services.sequence import InOrder, Part


class InOrderTests(SynchronousTestCase):
    """Two parts, the first of which takes its time."""

    def setUp(self) -> None:
        self.told: list[str] = []
        self.first: Deferred[None] = Deferred()
        self.failures: list[Failure] = []
        self.service = InOrder("both", self.parts, self.failures.append)

    def parts(self) -> Iterator[Part]:
        yield Part("one", self.start_one, lambda: self.told.append("one stops"))
        yield Part(
            "two",
            lambda: self.told.append("two starts"),
            lambda: self.told.append("two stops"),
        )

    def start_one(self) -> Deferred[None]:
        self.told.append("one starts")
        return self.first

    def test_in_order(self) -> None:
        """A part starts when the one before it has started."""
        self.service.startService()
        ready = self.service.when_ready()
        self.assertEqual(self.told, ["one starts"])
        self.assertNoResult(ready)
        self.first.callback(None)
        self.successResultOf(ready)
        self.assertEqual(self.told, ["one starts", "two starts"])

    def test_in_the_other_direction(self) -> None:
        """The last part stops first."""
        self.first.callback(None)
        self.service.startService()
        self.successResultOf(self.service.stopService())
        self.assertEqual(self.told[2:], ["two stops", "one stops"])

    def test_ready_late(self) -> None:
        """Who asks late is told at once."""
        self.first.callback(None)
        self.service.startService()
        self.successResultOf(self.service.when_ready())
        self.successResultOf(self.service.when_ready())

    def test_failure(self) -> None:
        """If a part does not start, those begun are stopped, and why is told."""
        self.service.startService()
        ready = self.service.when_ready()
        self.first.errback(StartError("no disk"))
        self.failureResultOf(ready, StartError)
        self.assertEqual(self.told, ["one starts", "one stops"])
        self.assertEqual([f.type for f in self.failures], [StartError])
        self.successResultOf(self.service.stopService())

    def test_told(self) -> None:
        """Why it does not start is logged, in a line unless nobody thought of it."""
        with capturedLogs() as told:
            for error in (StartError("no disk"), ValueError("no idea")):
                service = InOrder("it", lambda: [Part("one", self.start_one)])
                self.first = Deferred()
                service.startService()
                self.first.errback(error)
        self.assertIn("it cannot start: no disk", [formatEvent(one) for one in told])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_stopped_while_starting(self) -> None:
        """Stopped while it starts, it waits for the part in hand, and stops that."""
        self.service.startService()
        stopping = self.service.stopService()
        self.assertNoResult(stopping)
        self.first.callback(None)
        self.successResultOf(stopping)
        self.assertEqual(self.told, ["one starts", "one stops"])
        self.assertEqual(self.failures, [])

    def test_never_started(self) -> None:
        """What was never started stops at once."""
        self.successResultOf(self.service.stopService())

    def test_stop_fails(self) -> None:
        """A part that does not stop keeps no other from stopping."""

        def parts() -> Iterator[Part]:
            yield Part("one", int, lambda: self.told.append("one stops"))
            yield Part("two", int, lambda: 1 / 0)

        service = InOrder("both", parts)
        service.startService()
        self.successResultOf(service.stopService())
        self.assertEqual(self.told, ["one stops"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_again(self) -> None:
        """What was stopped may be started again."""
        self.first.callback(None)
        for _ in range(2):
            self.service.startService()
            self.successResultOf(self.service.when_ready())
            self.successResultOf(self.service.stopService())
        self.assertEqual(self.told.count("two starts"), 2)

    def test_ready_again(self) -> None:
        """Started again, it is ready when it has started again, not before."""
        self.service.startService()
        self.first.errback(StartError("no disk"))
        self.failureResultOf(self.service.when_ready(), StartError)
        self.successResultOf(self.service.stopService())
        self.first = Deferred()
        self.service.startService()
        ready = self.service.when_ready()
        self.assertNoResult(ready)
        self.first.callback(None)
        self.successResultOf(ready)
