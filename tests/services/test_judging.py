"""Failed scans, and what comes of them."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogLevel
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import WorkerUnreachableError
from buildd_manager.domain.policy import Policy
from buildd_manager.services.weather import Weather
from buildd_manager.testing.store import memory_store
from tests.services.scanners import scanner
from tests.services.scene import INTERVAL, Scene


class SilentTests(Scene):
    """A worker that does not answer."""

    def building(self) -> tuple[Builder, int]:
        """Have one builder build something."""
        builder, build = self.add_builder(), self.submit()
        self.start()
        self.assertIs(self.state(build), BuildState.BUILDING)
        return builder, build

    def failures(self, build: int) -> tuple[int, int]:
        """Give the counts of the builder and of the build."""
        builder = self.builder()
        _, assignment = self.now(self.store.builds.look(builder.id))
        return builder.failures, assignment.failures if assignment else 0

    def test_patience(self) -> None:
        """Four scans that fail count nothing, the fifth one once (22, 24)."""
        builder, build = self.building()
        self.network.cut.add(builder.url)
        self.scans(4)
        self.assertEqual(self.failures(build), (0, 0))
        self.scans()
        self.assertEqual(self.failures(build), (1, 1))

    def test_begins_anew(self) -> None:
        """A scan that ends well makes up for those that did not (22)."""
        builder, build = self.building()
        for _ in range(3):
            self.network.cut.add(builder.url)
            self.scans(4)
            self.network.cut.clear()
            self.scans()
        self.assertEqual(self.failures(build), (0, 0))

    def test_job_goes_elsewhere(self) -> None:
        """After three failures of both the job waits again; nothing is lost (29)."""
        builder, build = self.building()
        self.network.cut.add(builder.url)
        self.scans(15)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertTrue(
            [line for line in self.said() if "Requeueing job" in line], self.said()
        )

    def test_out_of_use(self) -> None:
        """A builder that stays silent without a job is out of use (25, 40)."""
        builder = self.add_builder()
        self.network.cut.add(builder.url)
        self.start()
        self.scans(25)
        self.assertFalse(self.builder().ok)
        self.assertIn("no answer", self.builder().fail_notes or "")
        self.assertTrue([line for line in self.said() if "with no job" in line])

    def test_comes_back(self) -> None:
        """It is tried again after a while, and used again if it answers."""
        builder = self.add_builder()
        self.network.cut.add(builder.url)
        self.start()
        self.scans(25)
        self.network.cut.clear()
        build = self.submit()
        self.scans(40)
        self.assertTrue(self.builder().ok)
        self.assertFalse(self.builder().on_trial)
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)

    def test_bad_reset(self) -> None:
        """A reset that fails is judged at once; what it printed is kept. Case 75."""
        self.resetter.works = False
        self.add_builder(virtualized=True, vm_host="host")
        self.start()
        self.scans(4)
        self.assertFalse(self.builder().ok)
        self.assertIn("no such machine", self.builder().fail_notes or "")


class FarmWideTests(Scene):
    """All workers at once."""

    def setUp(self) -> None:
        super().setUp()
        self.urls = {self.add_builder(name).url for name in ("ann", "bob", "cat")}
        self.builds = [self.submit() for _ in self.urls]
        self.start()
        self.scans()
        self.network.cut |= self.urls

    def test_nobody(self) -> None:
        """When the network is gone nobody is blamed, and builds go on."""
        self.scans(50)
        self.assertEqual(
            [line[:26] for line in self.said(LogLevel.critical)],
            ["3 of 3 builders fail at on"],
        )
        self.network.cut.clear()
        self.scans(2)
        for build in self.builds:
            self.assertEqual(len(self.detail(build).attempts), 1)
        for builder in self.now(self.store.catalogue.builders()):
            self.assertEqual((builder.ok, builder.failures), (True, 0))

    def test_not_for_ever(self) -> None:
        """After a quarter of an hour it is each builder's own trouble."""
        self.scans(90)
        for build in self.builds:
            self.assertIs(self.state(build), BuildState.NEEDS_BUILD)


class LeavingTests(SynchronousTestCase):
    """A scanner that is stopped in the midst of a scan."""

    def test_last_scan(self) -> None:
        """How its last scan ends makes no weather any more."""
        clock, in_hand = Clock(), Deferred[None]()
        weather = Weather(clock, Policy())
        for other in (2, 3):
            weather.note(other, failing=True)
        store = memory_store(clock).builds
        stopped = scanner(store, 1, lambda: in_hand, clock, weather=weather)
        stopped.startService()
        clock.advance(0)
        stopping = stopped.stopService()
        in_hand.errback(WorkerUnreachableError("gone"))
        self.successResultOf(stopping)
        self.assertFalse(weather.is_foul)


class WeatherTests(SynchronousTestCase):
    """Which builders fail at once."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.weather = Weather(self.clock, Policy())

    def note(self, *failing: bool) -> None:
        """Have builders 1, 2, ... fail or not."""
        for number, fails in enumerate(failing, start=1):
            self.weather.note(number, failing=fails)

    def test_few(self) -> None:
        """Some that fail are each to blame."""
        self.note(True, True, True, False, False, False)
        self.assertFalse(self.weather.is_foul)

    def test_most(self) -> None:
        """Most of them are not, until they work again."""
        self.note(True, True, True, False, False)
        self.assertTrue(self.weather.is_foul)
        self.note(False)
        self.assertFalse(self.weather.is_foul)

    def test_gone(self) -> None:
        """A builder that is not ours any more counts for nothing."""
        self.note(True, True, True, False, False, False)
        self.weather.forget(6)
        self.assertTrue(self.weather.is_foul)
        self.weather.forget(1)
        self.assertFalse(self.weather.is_foul)

    def test_passes(self) -> None:
        """It lasts for a while only, and then not again for the same reason."""
        self.note(True, True, True)
        self.clock.advance(Policy().amnesty)
        self.assertFalse(self.weather.is_foul)
        self.clock.advance(INTERVAL)
        self.note(True, True, True)
        self.assertFalse(self.weather.is_foul)
