"""Builds that wait for packages go on when those are there."""

from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import StoreError, StoreUnavailableError
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.sources import Source
from buildd_manager.services.dep_waits import PAUSE
from buildd_manager.services.works import Pace
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.queue import MemoryQueue
from tests.services.scene import INTERVAL, Scene


#: Seconds between looks.
LOOK = 600.0


class DepWaitsTests(Scene):
    """Rounds through all that waits for packages."""

    pace = Pace(interval=INTERVAL, dep_waits=LOOK)

    def setUp(self) -> None:
        super().setUp()
        queue = self.store.queue
        assert isinstance(queue, MemoryQueue)
        self.queue = queue
        self.woken = 0
        self.patch(self.works.farm, "wake", self.wake)

    def wake(self) -> None:
        """Be told that a build waits for a builder."""
        self.woken += 1

    def begin_looking(self) -> None:
        """Start the rounds, the first of which is done at once."""
        self.works.dep_waits.startService()
        self.addCleanup(self.works.dep_waits.stopService)
        self.clock.advance(0)

    def waits(self, dependencies: str) -> int:
        """Have a build wait for packages."""
        number = self.submit()
        self.wait_again(number, dependencies)
        return number

    def wait_again(self, number: int, dependencies: str) -> None:
        """Have a build end once more without the packages that it needs."""
        row = self.queue.rows.builds[number]
        row.state, row.queue = BuildState.MANUAL_DEP_WAIT, None
        row.cause, row.dependencies = Cause.DEPENDENCY, dependencies

    def publish(self, name: str, version: str = "1") -> None:
        """Be told of a package."""
        package = NewBinary(
            archive="debian",
            series="bookworm",
            architecture="amd64",
            name=name,
            version=version,
        )
        self.now(self.queue.publish([package]))

    def test_retried(self) -> None:
        """What has all that it waited for waits for a builder. Case 114."""
        number = self.waits("libfoo (>= 2), libbar | libbaz")
        self.publish("libbaz")
        self.publish("libfoo", "2")
        self.begin_looking()
        self.assertIs(self.state(number), BuildState.NEEDS_BUILD)
        self.assertEqual(self.woken, 1)
        self.assertEqual(self.detail(number).summary.score, 2505)

    def test_left(self) -> None:
        """What is there already is no longer waited for; the rest is."""
        number = self.waits("libfoo (>> 1), libbar | libbaz, libqux (<< 3)")
        self.publish("libfoo")
        self.publish("libbaz")
        self.begin_looking()
        self.assertIs(self.state(number), BuildState.MANUAL_DEP_WAIT)
        left = self.detail(number).dependencies
        self.assertEqual(left, "libfoo (>> 1), libqux (<< 3)")
        self.assertEqual(self.woken, 0)

    def test_interval(self) -> None:
        """It is looked again and again."""
        number = self.waits("libfoo")
        self.begin_looking()
        self.publish("libfoo")
        self.clock.advance(LOOK - 1)
        self.assertIs(self.state(number), BuildState.MANUAL_DEP_WAIT)
        self.clock.advance(1)
        self.assertIs(self.state(number), BuildState.NEEDS_BUILD)

    def test_woken(self) -> None:
        """It is looked soon after something was published, but not all the time."""
        number = self.waits("libfoo")
        self.begin_looking()
        self.publish("libfoo")
        self.works.dep_waits.wake()
        self.works.dep_waits.wake()
        self.clock.advance(PAUSE - 1)
        self.assertIs(self.state(number), BuildState.MANUAL_DEP_WAIT)
        self.clock.advance(1)
        self.assertIs(self.state(number), BuildState.NEEDS_BUILD)

    def test_not_running(self) -> None:
        """Nobody is woken who has not begun, or has stopped."""
        self.works.dep_waits.wake()
        self.begin_looking()
        self.works.dep_waits.wake()
        self.now(self.works.dep_waits.stopService())
        self.works.dep_waits.wake()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_unparsable(self) -> None:
        """What nobody can read is told once, and keeps nobody waiting (L11)."""
        number = self.waits("name1 name2")
        other = self.waits("libfoo")
        self.publish("libfoo")
        self.begin_looking()
        self.assertIs(self.state(other), BuildState.NEEDS_BUILD)
        self.clock.advance(LOOK)
        self.assertIs(self.state(number), BuildState.MANUAL_DEP_WAIT)
        (told,) = self.said()
        self.assertIn(f"build {number} waits for what nobody understands", told)

    def test_one_fails(self) -> None:
        """A build that cannot be looked at keeps no other from it."""
        bad, good = self.waits("libbad"), self.waits("libfoo")
        self.publish("libfoo")
        published = MemoryQueue.published

        def stumble(queue: MemoryQueue, wait: object, names: list[str]) -> object:
            if names == ["libbad"]:
                raise StoreError("stumbled")
            return published(queue, wait, names)  # type: ignore[arg-type]

        self.patch(MemoryQueue, "published", stumble)
        self.begin_looking()
        self.assertEqual(len(self.flushLoggedErrors(StoreError)), 1)
        self.assertIs(self.state(bad), BuildState.MANUAL_DEP_WAIT)
        self.assertIs(self.state(good), BuildState.NEEDS_BUILD)

    def test_database_away(self) -> None:
        """While the database is away nothing more is asked, until the next round."""
        number = self.waits("libfoo")
        self.waits("libfoo")
        self.publish("libfoo")
        published, asked = MemoryQueue.published, []

        def away(queue: MemoryQueue, wait: object, names: list[str]) -> object:
            asked.append(names)
            raise StoreUnavailableError("away")

        self.patch(MemoryQueue, "published", away)
        self.begin_looking()
        self.assertEqual(asked, [["libfoo"]])
        self.assertEqual(len(self.flushLoggedErrors(StoreUnavailableError)), 1)
        self.patch(MemoryQueue, "published", published)
        self.clock.advance(LOOK)
        self.assertIs(self.state(number), BuildState.NEEDS_BUILD)

    def test_overtaken(self) -> None:
        """A build that somebody else has retried meanwhile is nobody's fault."""
        number = self.waits("libfoo")
        self.publish("libfoo")
        published = MemoryQueue.published

        def overtake(queue: MemoryQueue, wait: object, names: list[str]) -> object:
            queue.rows.builds[number].state = BuildState.CANCELLED
            self.now(queue.retry(number))
            return published(queue, wait, names)  # type: ignore[arg-type]

        self.patch(MemoryQueue, "published", overtake)
        self.begin_looking()
        self.assertIs(self.state(number), BuildState.NEEDS_BUILD)
        self.assertEqual((self.said(), self.woken), ([], 0))

    def test_in_vain(self) -> None:
        """What comes back for the same reason waits ever longer for another try."""
        number = self.waits("libfoo")
        self.publish("libfoo")
        self.begin_looking()
        tries = []
        for round_ in range(1, 16):
            if self.state(number) is BuildState.NEEDS_BUILD:
                self.wait_again(number, "libfoo")
                tries.append(round_)
            self.clock.advance(LOOK)
        self.assertEqual(tries, [1, 2, 4, 8])

    def test_other_reason(self) -> None:
        """What comes back for another reason is tried at once when that is gone."""
        number = self.waits("libfoo")
        self.publish("libfoo")
        self.publish("libbar")
        self.begin_looking()
        self.wait_again(number, "libfoo")
        self.clock.advance(LOOK)
        self.wait_again(number, "libbar")
        self.clock.advance(LOOK)
        self.assertIs(self.state(number), BuildState.NEEDS_BUILD)


class LifeTests(Scene):
    """A build that waits for a package which is built here, too."""

    pace = Pace(interval=INTERVAL, dep_waits=LOOK)

    def test_whole(self) -> None:
        """It is retried soon after the package was uploaded, and succeeds."""
        self.add_builder()
        self.start()
        self.works.dep_waits.startService()
        self.addCleanup(self.works.dep_waits.stopService)
        lacking = Plan(
            seconds=10.0, verdict=Verdict.DEPFAIL, dependencies="libfoo (>= 2)"
        )
        self.plan = lacking
        waits = self.submit()
        self.scans(2)
        self.assertIs(self.state(waits), BuildState.MANUAL_DEP_WAIT)
        self.assertEqual(self.detail(waits).dependencies, "libfoo (>= 2)")
        files = {"foo_2_amd64.changes": "changes", "libfoo_2_amd64.deb": "deb"}
        self.plan = Plan(seconds=10.0, files=files)
        source = Source(name="foo", version="2", hints=("any",), files=())
        wanted = self.submit("foo", source=source)
        self.scans(4)
        self.assertIs(self.state(wanted), BuildState.FULLY_BUILT)
        detail = self.detail(waits)
        self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
        self.assertEqual([one.number for one in detail.attempts], [1, 2])
        self.assertEqual(detail.attempts[0].cause, Cause.DEPENDENCY)
