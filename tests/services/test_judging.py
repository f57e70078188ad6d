"""Failed scans, and what comes of them."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogLevel
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
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

    def failures(self) -> tuple[int, int]:
        """Give the counts of the builder and of what it builds."""
        builder = self.builder()
        _, assignment = self.now(self.store.builds.look(builder.id))
        return builder.failures, assignment.failures if assignment else 0

    def count(self, builder: int, job: int) -> None:
        """Have builder and build come to have failed so many times."""
        bob = self.builder()
        _, assignment = self.now(self.store.builds.look(bob.id))
        assert assignment is not None
        ruling = Ruling(
            job=JobFate.KEEP,
            builder=BuilderFate.KEEP,
            builder_failures=builder,
            job_failures=job,
            cause=Cause.BUILDER_SILENT,
            reason="before",
        )
        attempt = assignment.attempt
        self.now(self.store.builds.settle(self.lease_of(bob), attempt, ruling))

    def test_patience(self) -> None:
        """Four scans that fail count nothing, the fifth one once. Cases 22, 24."""
        builder, build = self.building()
        self.network.cut.add(builder.url)
        for counted in range(2):
            self.scans(4)
            self.assertEqual(self.failures(), (counted, counted))
            self.scans()
            self.assertEqual(self.failures(), (counted + 1, counted + 1))
        self.assertIs(self.state(build), BuildState.BUILDING)

    def test_begins_anew(self) -> None:
        """A scan that ends well makes up for those that did not. Case 22."""
        builder, _ = self.building()
        for _ in range(3):
            self.network.cut.add(builder.url)
            self.scans(4)
            self.network.cut.clear()
            self.scans()
        self.assertEqual(self.failures(), (0, 0))

    def test_job_goes_elsewhere(self) -> None:
        """After three failures of both the job waits again. Cases 29, 35."""
        builder, build = self.building()
        self.network.cut.add(builder.url)
        self.scans(15)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertIsNone(self.detail(build).summary.builder)
        self.assertIsNone(self.now(self.store.builds.look(builder.id))[1])
        (attempt,) = self.detail(build).attempts
        *_, last = [line for line in self.said() if attempt.cookie in line]
        self.assertIn("Requeueing job", last)

    def test_events(self) -> None:
        """Whoever counts what fails is told of it with labels. Cases 26, 35."""
        builder, _ = self.building()
        self.count(4, 0)
        self.network.cut.add(builder.url)
        self.scans(4)
        self.assertEqual(self.told(), [{"builder": builder.id}] * 4)
        self.events.clear()
        self.scans()
        labels = {"builder": "bob", "virtualized": False, "cause": "builder-silent"}
        self.assertEqual(
            self.told(),
            [
                {"builder": builder.id},
                {"event": "job-requeue", "architecture": "amd64", **labels},
                {"event": "builder-fail", **labels},
            ],
        )

    def told(self) -> list[dict[str, object]]:
        """Give the labels of events of failed scans and of what came of them."""
        rooms = {"judging.Judging", "settling.Settling"}
        words = {"event", "builder", "architecture", "virtualized", "cause"}
        return [
            {word: event[word] for word in words & event.keys()}
            for event in self.events
            if event["log_namespace"].removeprefix("buildd_manager.services.") in rooms
        ]

    def test_worse_builder(self) -> None:
        """
        A builder worse than its job loses it, and then is out of use. Cases 24, 39.

        It is made anew, and may try once more before that.
        """
        builder, build = self.building()
        self.count(3, 0)
        self.network.cut.add(builder.url)
        self.scans(5)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertIsNone(self.detail(build).summary.builder)
        seen = self.builder()
        self.assertEqual((seen.failures, seen.ok), (4, True))
        self.assertIs(seen.clean, CleanState.DIRTY)
        self.scans(5)
        self.assertEqual((self.builder().failures, self.builder().ok), (5, False))
        self.assertEqual(self.builder().fail_notes, "status: no answer within 30 s")

    def test_worse_job(self) -> None:
        """A job worse than its builder has failed, not the builder. Cases 24, 37."""
        builder, build = self.building()
        self.count(0, 1)
        self.network.cut.add(builder.url)
        self.scans(5)
        self.assertIs(self.state(build), BuildState.FAILED_TO_BUILD)
        self.assertEqual((self.builder().failures, self.builder().ok), (0, True))

    def test_out_of_use(self) -> None:
        """A builder that stays silent without a job is out of use. Cases 25, 40."""
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
