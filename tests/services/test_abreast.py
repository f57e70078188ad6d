"""Do the same for many, so many at a time."""

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.services.abreast import abreast


class AbreastTests(SynchronousTestCase):
    """Work that ends when the test says so."""

    def setUp(self) -> None:
        self.begun: dict[int, Deferred[str]] = {}

    def work(self, item: int) -> Deferred[str]:
        self.begun[item] = Deferred()
        return self.begun[item]

    def test_width(self) -> None:
        """No more are under way than there may be."""
        done = abreast(self.work, range(4), width=2)
        self.assertEqual(sorted(self.begun), [0, 1])
        self.begun[1].callback("b")
        self.assertEqual(sorted(self.begun), [0, 1, 2])
        for item, answer in ((2, "c"), (3, "d"), (0, "a")):
            self.assertNoResult(done)
            self.begun[item].callback(answer)
        self.assertEqual(self.successResultOf(done), ["a", "b", "c", "d"])

    def test_failure(self) -> None:
        """It fails when all has ended, with the first failure in their order."""
        done = abreast(self.work, range(3))
        self.begun[2].errback(ValueError("c"))
        self.begun[1].errback(KeyError("b"))
        self.assertNoResult(done)
        self.begun[0].callback("a")
        self.failureResultOf(done, KeyError)

    def test_cancelled(self) -> None:
        """Called off, it calls off what is under way, and begins nothing else."""
        done = abreast(self.work, range(3), width=2)
        done.cancel()
        self.failureResultOf(done, CancelledError)
        self.assertTrue(all(one.called for one in self.begun.values()))

    def test_nothing(self) -> None:
        """For nobody nothing is done."""
        self.assertEqual(self.successResultOf(abreast(self.work, ())), [])
