"""The narrative of the scanner, told to the end, in both dialects."""

import doctest
import logging
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from buildd_manager.testing.buildd_resource import Dialect
from tests.seed.farm import SeedFarm


NARRATIVE = Path(__file__).parents[2] / "docs" / "slave-scanner.rst"


class SlaveScannerTests(TestCase):
    """
    What 2005's description of its scanner shows is so.

    The narrative waits for each thing that it does, in a thread of its own, while the
    reactor does it: on PostgreSQL, on a disk, and with workers on the network.
    """

    timeout = 120

    async def test_today(self) -> None:
        """
        It is so with workers that answer with structs, as they do today.

        Case 121. Case 122. Case 123. Case 124.
        """
        await self.tell(Dialect.TODAY)

    async def test_in_2005(self) -> None:
        """
        It is so with workers that answer with lists, and names of 2005's.

        Case 121. Case 122. Case 123. Case 124.
        """
        await self.tell(Dialect.IN_2005)

    async def tell(self, dialect: Dialect) -> None:
        """Have the narrative told, and nothing left behind."""
        logger = logging.getLogger()
        before = list(logger.handlers)
        report = await deferToThread(self.examples, dialect)
        self.assertEqual(logger.handlers, before)
        if report:
            self.fail(report)

    def examples(self, dialect: Dialect) -> str:
        """Run all examples; report those that fail."""

        def new_farm() -> Deferred[SeedFarm]:
            return Deferred.fromCoroutine(SeedFarm(self, dialect).open())

        narrative = doctest.DocTestParser().get_doctest(
            NARRATIVE.read_text(),
            {"new_farm": new_farm},
            NARRATIVE.name,
            str(NARRATIVE),
            0,
        )
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        report: list[str] = []
        failed, run = runner.run(narrative, out=report.append)
        self.assertGreater(run, 100)
        return "".join(report) if failed else ""
