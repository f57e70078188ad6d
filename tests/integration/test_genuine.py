"""What becomes of builds on a genuine launchpad-buildd that do not just succeed."""

import json
import time

from tests.adapters.worker_canned import LACKS
from tests.integration.genuine import GenuineCase


#: What apt and sbuild say when a package is not there.
MISSING = [line.format("libx (>= 2.0)") for line in LACKS]


class EndTests(GenuineCase):
    """A build that comes to an end."""

    def test_package(self) -> None:
        """A package that does not build has failed, and the builder goes on."""
        build = self.until(self.submit(exit=1), "Failed to build")
        self.assertEqual(build["cause"], "package")
        self.assertEqual(len(build["attempts"]), 1)
        self.assertIsNotNone(build["log"])
        self.until(self.submit(version="2.0"), "Fully built")

    def test_dependency(self) -> None:
        """What waits for a package is built when that is published."""
        plan = {"lines": MISSING, "exit": 3}
        self.worker.plan(sbuild_package=json.dumps(plan))
        number = self.submit()
        build = self.until(number, "Manual dependency wait")
        self.assertEqual(build["dependencies"], "libx (>= 2.0)")
        self.worker.plan()
        arch = build["arch"]
        for version in ("1.9", "2.1"):
            self.tell(
                "POST",
                "binaries",
                archive="debian",
                series="trixie",
                packages=[f"libx {version} {arch}"],
            )
            if version == "1.9":
                time.sleep(1)
                self.assertEqual(self.build(number)["state"], build["state"])
        build = self.until(number, "Fully built")
        self.assertEqual(len(build["attempts"]), 2)

    def test_chroot(self) -> None:
        """A chroot that cannot be unpacked is no fault of the source's."""
        self.worker.plan(unpack_chroot="echo tar: Unexpected EOF; exit 1")
        build = self.until(self.submit(), "Chroot wait")
        self.assertEqual(build["cause"], "chroot")

    def test_cancelled(self) -> None:
        """A build is cancelled while it runs; its log is kept, and the next goes on."""
        number = self.submit(lines=["compiling"], sleep=600)
        self.until_compiling()
        self.tell("POST", f"builds/{number}/cancel")
        build = self.until(number, "Cancelled build")
        self.assertIsNotNone(build["log"])
        self.until(self.submit(version="2.0"), "Fully built")
        self.assertTrue(self.builder()["ok"])


class TroubleTests(GenuineCase):
    """A worker that does not do what it should."""

    def test_wedged(self) -> None:
        """One whose sbuild was killed never ends: that is noticed, in bounded time."""
        number = self.submit(signal="SIGKILL")
        build = self.until(number, "Failed to build")
        self.assertEqual(build["cause"], "silence")
        builder = self.until_builder(ok=False)
        self.assertIn("restart launchpad-buildd", builder["fail_notes"])
        # Somebody does as he is told; the builder is tried again by itself.
        self.worker.stop()
        self.worker.start()
        build = self.until(self.submit(version="2.0"), "Fully built")
        self.assertTrue(self.until_builder(ok=True, on_trial=False)["ok"])

    def test_restarted(self) -> None:
        """One that is restarted has lost its job, which is built again."""
        self.worker.plan(sbuild_package=json.dumps({"sleep": 600}))
        number = self.submit()
        self.until_compiling()
        self.worker.stop()
        self.worker.plan()
        self.worker.start()
        build = self.until(number, "Fully built")
        lost, built = build["attempts"]
        self.assertEqual(lost["cause"], "builder-lost")
        self.assertEqual(built["state"], "recorded")

    def test_poison(self) -> None:
        """A job that breaks its only builder ends; the builder is in use then."""
        number = self.submit(exit=4)
        build = self.until(number, "Failed to build")
        self.assertLessEqual(len(build["attempts"]), 5)
        for attempt in build["attempts"]:
            self.assertEqual(attempt["cause"], "builder-failed")
        self.until(self.submit(version="2.0"), "Fully built")
        self.assertTrue(self.builder()["ok"])
