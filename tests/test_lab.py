"""What is said of a machine on which nothing can be built for real."""

from pathlib import Path

from twisted.trial.reporter import TestResult
from twisted.trial.unittest import SynchronousTestCase

from lab import packages, prepare
from tests.integration import test_hello


class LackingTests(SynchronousTestCase):
    """What is not there."""

    def need(self, **needed: str) -> None:
        """Have other packages be needed, each for something in it."""
        self.patch(packages, "NEEDED", {"build": needed})

    def test_packages(self) -> None:
        """Packages are named, and the command that installs just these."""
        self.need(bash="sh", nosuch="no-such-command")
        why = prepare.lacking()
        self.assertRegex(why, r"^nosuch missing; run as root:\n +apt-get install .*")
        self.assertNotIn("bash", why)

    def test_chroot(self) -> None:
        """So is what makes a chroot."""
        self.need()
        self.assertEqual(packages.missing("build"), [])
        empty = self.mktemp()
        self.patch(prepare, "chroot_path", lambda *_: Path(empty))
        self.assertIn("python -m lab.prepare", prepare.lacking())

    def test_no_skip(self) -> None:
        """Then real builds have not been tested, and that is a failure."""
        self.need(nosuch="no-such-command")
        result = TestResult()
        test_hello.HelloTests("test_hello").run(result)
        ((_, failure),) = result.failures
        self.assertIn("nosuch missing; run as root", str(failure))
        self.assertEqual((result.skips, result.errors), ([], []))
