"""Workers that cannot be reached, and why."""

from typing import Any

from twisted.internet import error, reactor
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from zope.interface import directlyProvides, providedBy

from buildd_manager.domain.errors import WorkerUnreachableError
from tests.adapters.patience import failing
from tests.adapters.worker_client import QUESTIONS, worker_at
from tests.bad_inputs import cases


class Nowhere:
    """A reactor that reaches nobody."""

    def __init__(self, why: Exception) -> None:
        self._why = why
        directlyProvides(self, providedBy(reactor))

    def __getattr__(self, name: str) -> Any:
        return getattr(reactor, name)

    def connectTCP(self, _: str, __: int, to: Any, *___: Any, **____: Any) -> None:  # noqa: N802 - Twisted's name
        def fail() -> None:
            to.clientConnectionFailed(None, Failure(self._why))

        to.doStart()
        reactor.callLater(0, fail)


class UnreachableTests(TestCase):
    """Calls and files."""

    async def test_reasons(self) -> None:
        """Whatever the reason is, people are told, and whom it is about."""
        for case in cases("worker/connecting"):
            why: Exception = getattr(error, case["fails"])()
            worker = worker_at("http://192.0.2.1:8221", Nowhere(why))
            for ask in QUESTIONS:
                told = str(await failing(ask(worker), WorkerUnreachableError))
                self.assertIn(case["says"], told, str(case))
                self.assertIn("http://192.0.2.1:8221", told, str(case))
                self.assertTrue(told.isprintable(), str(case))
