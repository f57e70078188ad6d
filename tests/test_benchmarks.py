"""The benchmarks run, and see what they should."""

from twisted.trial.unittest import TestCase

from benchmarks import claims, scans
from benchmarks.filling import Queue


class BenchmarkTests(TestCase):
    """On farms that are too small to show anything."""

    timeout = 60

    async def test_claims(self) -> None:
        """Claims are timed on two farms, and the plan names the scans of the queue."""
        for name, value in {"BUILDERS": 3, "FEW": 8, "MANY": 16, "TIMED": 2}.items():
            self.patch(claims, name, value)
        for queue in Queue:
            found = await claims.measure(queue)
            self.assertGreater(min(*found.one, *found.rate), 0)
            self.assertTrue(found.scans)
            *_, told = found.lines()
            self.assertIn(f"ratio {found.ratio:.2f}", told)

    async def test_scans(self) -> None:
        """Scans give builds to all builders, and follow them."""
        found = await scans.measure(3)
        self.assertGreater(min(found.giving, found.following), 0)
        self.assertIn("3 builders", found.line())
