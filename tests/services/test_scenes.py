"""What happens on a farm, scan by scan."""

from twisted.logger import LogLevel

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.testing.buildd import error
from buildd_manager.testing.buildd_plans import Plan
from tests.services.scene import INTERVAL, Scene


class LifeTests(Scene):
    """A build, from its submission to its end."""

    def test_whole(self) -> None:
        """It is dispatched, followed, collected, handed over and recorded."""
        builder, build = self.add_builder(), self.submit()
        self.start()
        self.assertIs(self.state(build), BuildState.BUILDING)
        self.scans(2)
        self.assertIn("compiles", self.detail(build).log_tail or "")
        self.scans(6)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
        (attempt,) = detail.attempts
        self.assertEqual(self.buildd(builder).begun, [attempt.cookie])
        for content in self.contents(attempt.id).values():
            self.assertIn(attempt.cookie.encode(), content)
        self.assertEqual([one.attempt for one in self.uploader.uploaded], [attempt.id])

    def test_ready_for_the_next(self) -> None:
        """A builder that has finished gets its next build in the same scan."""
        self.add_builder()
        first, second = self.submit(), self.submit()
        self.start()
        while self.state(first) is BuildState.BUILDING:
            self.scans()
        self.assertIs(self.state(second), BuildState.BUILDING)

    def test_nothing_to_do(self) -> None:
        """A clean builder without anything to build stays as it is. Case 4."""
        builder = self.add_builder()
        self.start()
        self.scans(3)
        self.assertTrue(self.builder().ok)
        self.assertIs(self.builder().clean, CleanState.CLEAN)
        self.assertEqual(self.buildd(builder).begun, [])
        self.assertNotIn("build", self.network.calls)

    def test_failures_are_kept(self) -> None:
        """
        A dispatch is no merit: it leaves a builder's failures as they are. Case 1.

        Only a build that has come to an end shows that the builder is well.
        """
        builder = self.add_builder()
        self.start()
        self.scans()
        self.buildd(builder).restart()
        build = self.submit()
        self.scans()
        self.buildd(builder).restart()
        self.scans()
        self.assertEqual(self.builder().failures, 1)
        self.assertIs(self.state(build), BuildState.BUILDING)
        self.scans(8)
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)
        self.assertEqual(self.builder().failures, 0)

    def test_failed(self) -> None:
        """What fails is told with its cause, its log and its builder. Case 103."""
        self.add_builder()
        for verdict, state, cause in (
            (Verdict.PACKAGEFAIL, BuildState.FAILED_TO_BUILD, Cause.PACKAGE),
            (Verdict.DEPFAIL, BuildState.MANUAL_DEP_WAIT, Cause.DEPENDENCY),
            (Verdict.CHROOTFAIL, BuildState.CHROOT_WAIT, Cause.CHROOT),
        ):
            self.plan = Plan(seconds=20.0, verdict=verdict, dependencies="libx (>= 2)")
            build = self.submit()
            if not self.works.farm.running:
                self.start()
            self.scans(5)
            detail = self.detail(build)
            self.assertIs(detail.summary.state, state)
            self.assertIs(detail.summary.cause, cause)
            self.assertEqual(detail.summary.builder, "bob")
            self.assertIsNotNone(detail.log)
            self.assertIsNotNone(detail.summary.finished)
            waits = state is BuildState.MANUAL_DEP_WAIT
            self.assertEqual(detail.dependencies, "libx (>= 2)" if waits else None)
        self.assertEqual(
            self.said(LogLevel.critical),
            ["***** bob is MANUALDEPWAIT *****", "***** bob is CHROOTWAIT *****"],
        )

    def test_upload_fails(self) -> None:
        """An upload that fails is recorded with its output. Case 107."""
        self.uploader.report = UploadReport(ok=False, output="no space")
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(9)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_UPLOAD)
        self.assertEqual(detail.upload_output, "no space")

    def test_adopted(self) -> None:
        """
        What runs when a manager dies is followed by its next life (I15).

        Bad input C9.
        """
        builder, build = self.add_builder(), self.submit()
        self.start()
        self.scans(2)
        self.crash()
        self.start()
        self.scans(7)
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)
        self.assertEqual(len(self.buildd(builder).begun), 1)


class TroubleTests(Scene):
    """Workers that do not do what they should."""

    def test_disabled(self) -> None:
        """The build of a builder that is disabled waits again. Case 2."""
        self.add_builder()
        build = self.submit()
        self.start()
        change = BuilderChange(ok=False, fail_notes="hot")
        self.now(self.store.catalogue.change_builder("bob", change))
        self.scans()
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertIsNone(self.detail(build).summary.builder)
        self.assertFalse(self.builder().ok)
        self.assertEqual(self.builder().fail_notes, "hot")

    def test_wedged(self) -> None:
        """A worker whose build never ends is out of use, in bounded time."""
        self.plan = Plan(verdict=None)
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(6)
        self.now(self.store.queue.cancel(build))
        self.scans(40)
        self.assertIs(self.state(build), BuildState.CANCELLED)
        self.assertFalse(self.builder().ok)
        self.assertIn("restart launchpad-buildd", self.builder().fail_notes or "")

    def test_wedged_virtual(self) -> None:
        """If its machine can be made anew, it is, and goes on."""
        self.plan = Plan(verdict=None)
        self.add_builder(virtualized=True, vm_host="host")
        virtual = NewBuild(architecture="amd64", virtualized=True)
        build = self.submit(builds=(virtual,))
        self.start()
        self.scans(6)
        self.now(self.store.queue.cancel(build))
        self.scans(20)
        self.assertIs(self.state(build), BuildState.CANCELLED)
        self.assertTrue(self.builder().ok)

    def test_given_back(self) -> None:
        """What is given back is tried again, five times at most."""
        self.plan = Plan(seconds=1.0, verdict=Verdict.GIVENBACK)
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(30)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_BUILD)
        self.assertEqual(len(detail.attempts), 5)
        for attempt in detail.attempts:
            self.assertIs(attempt.cause, Cause.GIVEN_BACK)
            self.assertIsNotNone(attempt.log)
        self.assertTrue(self.builder().ok)

    def test_aborted(self) -> None:
        """What ends by itself as if it had been called off is treated so. Case 49."""
        self.plan = Plan(seconds=1.0, verdict=Verdict.ABORTED)
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(30)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_BUILD)
        causes = [attempt.cause for attempt in detail.attempts]
        self.assertEqual(causes, [Cause.ABORTED] * 5)

    def test_lost(self) -> None:
        """A worker that was restarted has lost its job, which is built again."""
        builder, build = self.add_builder(), self.submit()
        self.start()
        self.buildd(builder).restart()
        self.scans()
        self.assertIs(self.state(build), BuildState.BUILDING)
        lost, running = self.detail(build).attempts
        self.assertIs(lost.state, AttemptState.ABANDONED)
        self.assertIs(lost.cause, Cause.BUILDER_LOST)
        self.assertIs(running.state, AttemptState.RUNNING)

    def test_betrayal(self) -> None:
        """A clean builder that builds something is out of use at once. Case 21."""
        builder = self.add_builder()
        self.start()
        self.scans()
        buildd = self.buildd(builder)
        buildd.cache["a" * 40] = buildd.cache["b" * 40] = b""
        told = {"series": "x", "suite": "x", "ogrecomponent": "main"}
        buildd.build("1-1", "binarypackage", "a" * 40, {"x.dsc": "b" * 40}, told)
        self.scans()
        self.assertFalse(self.builder().ok)
        self.assertEqual(self.builder().fail_notes, "Allegedly clean worker not idle")


class TellingTests(Scene):
    """What is told aloud of a build that goes back to the queue: 2005's words."""

    def told(self, verdict: Verdict) -> list[str]:
        """Have a build end; give the warnings, with COOKIE for its name."""
        self.plan = Plan(seconds=1.0, verdict=verdict)
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans()
        cookie = self.detail(build).attempts[0].cookie
        (quietly,) = [i for i in self.said(LogLevel.info) if "Requeueing job" in i]
        self.assertIn(cookie, quietly)
        return [line.replace(cookie, "COOKIE") for line in self.said()]

    def test_builder_failed(self) -> None:
        """That the builder has failed. Case 123."""
        told = self.told(Verdict.BUILDERFAIL)
        self.assertEqual(told, ["***** bob has failed *****"])

    def test_given_back(self) -> None:
        """That the builder has given it back."""
        told = self.told(Verdict.GIVENBACK)
        self.assertEqual(told, ["***** COOKIE is GIVENBACK by bob *****"])

    def test_aborted(self) -> None:
        """Nothing, if it was aborted: nobody is to blame. Case 123."""
        self.assertEqual(self.told(Verdict.ABORTED), [])


class CancellingTests(Scene):
    """Builds that nobody wants."""

    def test_running(self) -> None:
        """The worker is told once to end it; its log is kept. Cases 42, 47."""
        self.plan = Plan(seconds=10**6, dying=100.0)
        builder = self.add_builder()
        build = self.submit()
        self.start()
        self.scans()
        self.now(self.store.queue.cancel(build))
        self.scans(6)
        self.assertIs(self.state(build), BuildState.CANCELLING)
        self.scans(2)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.CANCELLED)
        self.assertIsNotNone(detail.log)
        self.scans()
        self.assertIs(self.builder(builder.name).clean, CleanState.CLEAN)
        self.assertEqual(self.network.calls.count("abort"), 1)

    def test_never_ended(self) -> None:
        """
        A worker that never ends it is told once, and waited for. Case 45.

        Three minutes later the build is cancelled, without a failure counted against
        anybody, and the builder is cleaned before it is given more.
        """
        self.plan = Plan(verdict=None)
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(6)
        self.now(self.store.queue.cancel(build))
        self.scans()
        self.clock.advance(1)
        self.assertIs(self.state(build), BuildState.CANCELLING)
        self.scans(11)
        self.assertIs(self.state(build), BuildState.CANCELLING)
        self.scans()
        self.assertIs(self.state(build), BuildState.CANCELLED)
        self.assertEqual(self.network.calls.count("abort"), 1)
        self.assertEqual(self.builder().failures, 0)
        self.assertIsNot(self.builder().clean, CleanState.CLEAN)

    def test_abort_fails(self) -> None:
        """
        A worker that answers the order with a fault has failed a scan. Case 44.

        It has heard the order, so it is not told again: its time runs.
        """
        self.plan = Plan(seconds=10**6)
        builder, build = self.add_builder(), self.submit()
        self.start()

        def abort() -> None:
            raise error()

        self.patch(self.buildd(builder), "abort", abort)
        self.now(self.store.queue.cancel(build))
        self.scans()
        failed = f"scan of builder {builder.id} failed: fault 8002: error"
        self.assertEqual(self.said(), [failed])
        self.scans(12)
        self.assertIs(self.state(build), BuildState.CANCELLING)
        self.assertEqual(self.network.calls.count("abort"), 1)
        self.scans()
        self.assertIs(self.state(build), BuildState.CANCELLED)

    def test_unable_to_end(self) -> None:
        """One that the worker cannot end is cancelled all the same. Case 45."""
        self.plan = Plan(seconds=10**6, dying=10**6)
        self.add_builder()
        build = self.submit()
        self.start()
        self.now(self.store.queue.cancel(build))
        self.scans(15)
        self.assertIs(self.state(build), BuildState.CANCELLED)
        self.assertEqual(self.uploader.landed, {})

    def test_too_slow(self) -> None:
        """A build that takes too long is ended, and has failed (timeout)."""
        self.plan = Plan(seconds=10**6)
        self.add_builder()
        build = self.submit()
        self.start()
        self.clock.pump([INTERVAL] * 970)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_BUILD)
        self.assertIs(detail.summary.cause, Cause.TIMEOUT)


class TrialTests(Scene):
    """Builders that have failed."""

    def fail_bob(self) -> None:
        """Have bob say that it is broken."""
        self.plan = Plan(seconds=1.0, verdict=Verdict.BUILDERFAIL)
        self.submit()
        self.scans(2)
        self.assertFalse(self.builder().ok)

    def test_canary(self) -> None:
        """It proves by a known good build that it is well, and is used again."""
        self.add_builder()
        good = self.submit("good")
        self.start()
        self.scans(9)
        self.assertIs(self.state(good), BuildState.FULLY_BUILT)
        self.fail_bob()
        self.plan = Plan(seconds=10.0)
        self.scans(22)
        self.assertTrue(self.builder().ok)
        self.scans(4)
        self.assertFalse(self.builder().on_trial)
        self.assertEqual(self.builder().failures, 0)
        self.assertEqual(len(self.detail(good).attempts), 1)

    def test_not_well(self) -> None:
        """One that fails a known good build waits for longer."""
        self.add_builder()
        self.submit("good")
        self.start()
        self.scans(9)
        self.fail_bob()
        self.plan = Plan(seconds=1.0, verdict=Verdict.PACKAGEFAIL)
        self.scans(25)
        self.assertFalse(self.builder().ok)
        self.assertEqual(self.builder().trials, 2)
        self.assertEqual(
            self.builder().fail_notes, "a build that is known to be good failed here"
        )
