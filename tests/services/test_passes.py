"""One pass over a whole farm."""

from attrs import evolve
from twisted.internet.defer import Deferred, fail

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.queue import MemoryQueue
from tests.services.scene import ALICE, Scene


BOB = "00000000-0000-4000-8000-00000000000b"


class PassTests(Scene):
    """A manager that is told when to go over its farm."""

    def run_pass(self) -> None:
        self.now(self.works.passes.run())

    def lease_of_others(self) -> set[int]:
        """Have another manager take what is free, and give it back."""
        theirs = self.now(self.store.builds.lease(BOB, 60))
        self.now(self.store.builds.release(BOB, theirs))
        return set(theirs)

    def test_whole(self) -> None:
        """It dispatches, a later one collects and uploads; nothing moves between."""
        builder, build = self.add_builder(), self.submit()
        self.run_pass()
        self.assertIs(self.state(build), BuildState.BUILDING)
        self.clock.advance(50)
        self.run_pass()
        self.assertIn("compiles", self.detail(build).log_tail or "")
        self.clock.advance(50)
        self.assertIs(self.state(build), BuildState.BUILDING)
        self.run_pass()
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)
        self.assertEqual([one.build for one in self.uploader.uploaded], [build])
        self.assertIs(self.builder().clean, CleanState.CLEAN)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.lease_of_others(), {builder.id})

    def test_collects_first(self) -> None:
        """All builders are looked at before any is given a build."""
        for name in ("ann", "bob"):
            self.add_builder(name)
        for _ in range(4):
            self.submit()
        self.run_pass()
        self.clock.advance(100)
        self.network.calls.clear()
        self.run_pass()
        calls = self.network.calls
        self.assertEqual(calls.count("clean"), 2)
        self.assertEqual(calls.count("build"), 2)
        last_clean = len(calls) - calls[::-1].index("clean")
        self.assertGreater(calls.index("ensure_present"), last_clean)

    def test_best_first(self) -> None:
        """The build with the highest score goes first."""
        self.add_builder()
        self.submit(score=1)
        best = self.submit(score=3)
        self.submit(score=2)
        self.run_pass()
        self.assertIs(self.state(best), BuildState.BUILDING)

    def test_by_architecture(self) -> None:
        """What waits is split by architecture; a pass dispatches to each of them."""
        self.now(self.store.catalogue.add_architecture("bookworm", "arm64"))
        chroot = self.file("chroot2.tar.gz", b"chroot")
        self.now(self.store.catalogue.set_chroot("bookworm", "arm64", chroot))
        ann = self.add_builder("ann", architectures=("arm64",))
        self.buildd(ann)._architecture = "arm64"
        self.add_builder("bob")
        amd64 = [self.submit(score=score) for score in (1, 2)]
        arm64 = self.submit(builds=(NewBuild(architecture="arm64"),))
        parts = self.now(self.works.passes.sort_and_split())
        self.assertEqual(
            {name: [build.id for build in part] for name, part in parts.items()},
            {"amd64": amd64[::-1], "arm64": [arm64]},
        )
        self.now(self.works.passes.take())
        self.now(self.works.passes.collect())
        self.now(self.works.passes.dispatch("arm64"))
        self.assertIs(self.state(arm64), BuildState.BUILDING)
        self.assertIs(self.state(amd64[1]), BuildState.NEEDS_BUILD)
        self.run_pass()
        self.assertIs(self.state(amd64[1]), BuildState.BUILDING)

    def test_not_ours(self) -> None:
        """What another manager has is left alone."""
        ann = self.add_builder("ann")
        self.now(self.store.builds.lease(BOB, 600))
        bob = self.add_builder("bob")
        builds = [self.submit(), self.submit()]
        self.run_pass()
        self.assertEqual(self.buildd(ann).begun, [])
        self.assertEqual(len(self.buildd(bob).begun), 1)
        self.assertIs(self.state(builds[1]), BuildState.NEEDS_BUILD)

    def test_silent(self) -> None:
        """One that is silent keeps nobody from the others, and is judged in time."""
        ann, build = self.add_builder("ann"), self.submit()
        self.run_pass()
        self.network.cut.add(ann.url)
        self.add_builder("bob")
        other = self.submit()
        self.run_pass()
        self.assertIs(self.state(other), BuildState.BUILDING)
        for _ in range(3):
            self.run_pass()
        self.assertEqual(self.builder("ann").failures, 0)
        self.run_pass()
        self.assertEqual(self.builder("ann").failures, 1)
        self.assertIs(self.state(build), BuildState.BUILDING)

    def test_silence_is_not_judged_twice(self) -> None:
        """In one pass a silent worker fails once, however much waits for it."""
        ann = self.add_builder("ann")
        self.run_pass()
        self.network.cut.add(ann.url)
        self.submit()
        self.run_pass()
        said = [line for line in self.said() if "failed" in line]
        self.assertEqual(said, [f"scan of builder {ann.id} failed: {SILENCE}"])

    def test_on_trial(self) -> None:
        """A builder that failed is tried with what is known to be good."""
        builder, good = self.add_builder(), self.submit()
        self.run_pass()
        self.clock.advance(100)
        self.run_pass()
        self.assertIs(self.state(good), BuildState.FULLY_BUILT)
        self.plan = evolve(self.plan, verdict=Verdict.BUILDERFAIL, seconds=1.0)
        self.submit()
        self.run_pass()
        self.clock.advance(1)
        self.run_pass()
        self.assertFalse(self.builder().ok)
        self.clock.advance(400)
        self.plan = evolve(self.plan, verdict=Verdict.OK)
        self.run_pass()
        self.assertTrue(self.builder().on_trial)
        self.assertEqual(len(self.buildd(builder).begun), 3)
        self.clock.advance(1)
        self.run_pass()
        self.assertFalse(self.builder().on_trial)
        self.assertIs(self.state(good), BuildState.FULLY_BUILT)

    def test_update(self) -> None:
        """One builder is looked at alone, and given nothing."""
        ann, bob = self.add_builder("ann"), self.add_builder("bob")
        builds = [self.submit() for _ in range(4)]
        self.run_pass()
        self.clock.advance(100)
        self.now(self.works.passes.take())
        self.now(self.works.passes.update(ann.id))
        states = [self.state(build) for build in builds]
        self.assertEqual(states.count(BuildState.FULLY_BUILT), 1)
        self.assertEqual(states.count(BuildState.BUILDING), 1)
        self.now(self.works.passes.start(ann.id))
        self.assertEqual(len(self.buildd(ann).begun), 2)
        self.assertEqual(len(self.buildd(bob).begun), 1)

    def test_withdrawn(self) -> None:
        """A builder that is out of use is not dispatched to; its build waits again."""
        builder, build = self.add_builder(), self.submit()
        self.run_pass()
        change = BuilderChange(ok=False, fail_notes="hot")
        self.now(self.store.catalogue.change_builder("bob", change))
        self.run_pass()
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertEqual(len(self.buildd(builder).begun), 1)


#: What a worker says from which nothing comes.
SILENCE = "status: no answer within 30 s"


def away(*_: object) -> Deferred[None]:
    """Fail, as everything does while the database is away."""
    return fail(StoreUnavailableError("away"))


class LongPassTests(Scene):
    """A pass that takes its time, or comes to no good end."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = self.add_builder()
        self.hold: Deferred[Outlook] = Deferred()
        self.queue_outlook = MemoryQueue.outlook
        self.patch(MemoryQueue, "outlook", lambda _: self.hold)

    def test_one_by_one(self) -> None:
        """A pass that is asked for during another one comes after it."""
        first, second = self.works.passes.run(), self.works.passes.run()
        self.network.calls.clear()
        self.patch(MemoryQueue, "outlook", self.queue_outlook)
        self.assertNoResult(second)
        self.assertEqual(self.network.calls, [])
        self.hold.callback(self.now(self.store.queue.outlook()))
        self.successResultOf(first)
        self.successResultOf(second)
        self.assertIn("status", self.network.calls)

    def test_renewed(self) -> None:
        """As long as it lasts, builders are kept; then they are given back."""
        running = self.works.passes.run()
        self.clock.pump([10.0] * 30)
        theirs = self.now(self.store.builds.lease(BOB, 60))
        self.assertEqual(theirs, {})
        self.patch(MemoryQueue, "outlook", self.queue_outlook)
        self.hold.callback(self.now(self.store.queue.outlook()))
        self.successResultOf(running)
        theirs = self.now(self.store.builds.lease(BOB, 60))
        self.assertEqual(set(theirs), {self.bob.id})

    def test_not_renewed(self) -> None:
        """If they cannot be renewed for a while, the pass goes on all the same."""
        running = self.works.passes.run()
        lease = MemoryBuildStore.lease
        self.patch(MemoryBuildStore, "lease", away)
        self.clock.advance(10)
        self.assertEqual(self.said(), ["leases not renewed: away"])
        self.patch(MemoryBuildStore, "lease", lease)
        self.patch(MemoryQueue, "outlook", self.queue_outlook)
        self.hold.callback(self.now(self.store.queue.outlook()))
        self.successResultOf(running)

    def test_not_judged(self) -> None:
        """A builder that cannot be judged now keeps nobody from the others."""
        self.patch(MemoryQueue, "outlook", self.queue_outlook)
        self.network.cut.add(self.bob.url)
        for _ in range(4):
            self.now(self.works.passes.run())
        self.patch(MemoryBuildStore, "settle", away)
        self.now(self.works.passes.run())
        self.assertEqual(self.said()[-1], f"builder {self.bob.id} was not judged: away")

    def test_database_away(self) -> None:
        """If the database fails, so does the pass; the next one is as any other."""
        running = self.works.passes.run()
        self.hold.errback(StoreUnavailableError("away"))
        self.failureResultOf(running, StoreUnavailableError)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.patch(MemoryQueue, "outlook", self.queue_outlook)
        self.now(self.works.passes.run())

    def test_no_builders(self) -> None:
        """It fails, too, if builders cannot even be taken."""
        for method in ("lease", "release"):
            self.patch(MemoryBuildStore, method, away)
        self.failureResultOf(self.works.passes.run(), StoreUnavailableError)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled(self) -> None:
        """Called off, it ends where it is, and gives the builders back."""
        running = self.works.passes.run()
        running.cancel()
        self.failureResultOf(running)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        theirs = self.now(self.store.builds.lease(BOB, 60))
        self.assertEqual(set(theirs), {self.bob.id})

    def test_lost_meanwhile(self) -> None:
        """A builder that is lost meanwhile is forgotten, with its failures."""
        self.network.cut.add(self.bob.url)
        self.now(self.works.passes.take())
        for _ in range(4):
            self.now(self.works.passes.update(self.bob.id))
        ours = self.now(self.store.builds.lease(ALICE, 60))
        self.now(self.store.builds.release(ALICE, ours))
        theirs = self.now(self.store.builds.lease(BOB, 60))
        self.now(self.works.passes.take())
        self.now(self.store.builds.release(BOB, theirs))
        self.now(self.works.passes.take())
        self.now(self.works.passes.update(self.bob.id))
        self.assertEqual(self.builder().failures, 0)
        for _ in range(4):
            self.now(self.works.passes.update(self.bob.id))
        self.assertEqual(self.builder().failures, 1)
