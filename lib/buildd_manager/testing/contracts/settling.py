"""What is promised of judgements."""

from twisted.internet.defer import Deferred

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.contracts import farm


class SettlingContract(farm.FarmContract):
    """What becomes of builder and build when an attempt ends without a result."""

    async def settle(self, attempt: int | None, **details: object) -> None:
        """Order something."""
        ruling = self.ruling(**details)  # type: ignore[arg-type]
        await self.store.builds.settle(self.lease, attempt, ruling)

    # --- the build

    async def test_requeued(self) -> None:
        """
        What is requeued waits again, for another attempt with another name.

        Cases 35, 39.
        """
        first = await self.running()
        build = first.cookie.build
        await self.store.builds.keep_tails({first.attempt: "gcc"})
        before = await self.detail(build)
        await self.settle(first.attempt, job_failures=2)
        builder, none = await self.look()
        self.assertIsNone(none)
        self.assertIs(builder.clean, CleanState.DIRTY)
        after = await self.detail(build)
        self.assertIs(after.summary.state, BuildState.NEEDS_BUILD)
        self.assertIsNone(after.summary.builder)
        self.assertIsNone(after.summary.started)
        self.assertIsNone(after.summary.finished)
        self.assertIsNone(after.summary.cause)
        self.assertIsNone(after.log_tail)
        self.assertEqual(after.first_dispatched, before.first_dispatched)
        second = await self.claimed()
        self.assertEqual(second.cookie.build, build)
        self.assertEqual(second.cookie.queue, first.cookie.queue)
        self.assertNotEqual(second.cookie, first.cookie)
        self.assertEqual((second.number, second.failures), (2, 2))

    async def test_history(self) -> None:
        """Each attempt is kept, with its builder, its end and its cause."""
        first = await self.running()
        await self.settle(first.attempt, reason="no\0 answer", cause=Cause.BUILDER_LOST)
        second = await self.claimed()
        detail = await self.detail(first.cookie.build)
        self.assertEqual(
            [
                (one.id, one.number, one.builder, one.state, one.outcome, one.cause)
                for one in detail.attempts
            ],
            [
                (
                    first.attempt,
                    1,
                    "bob",
                    AttemptState.ABANDONED,
                    "no answer",
                    Cause.BUILDER_LOST,
                ),
                (second.attempt, 2, "bob", AttemptState.CLAIMED, None, None),
            ],
        )
        self.assertIsNotNone(detail.attempts[0].ended)

    async def test_failed(self) -> None:
        """What is failed has failed for good, with a cause of its own."""
        assignment = await self.running()
        build = assignment.cookie.build
        await self.settle(assignment.attempt, job=JobFate.FAIL, cause=Cause.TIMEOUT)
        detail = await self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_BUILD)
        self.assertIs(detail.summary.cause, Cause.TIMEOUT)
        self.assertIsNotNone(detail.summary.finished)
        self.assertEqual(detail.summary.builder, "bob")
        self.assertIsNone(await self.claim())

    async def test_cancelled(self) -> None:
        """What is cancelled waits no more."""
        assignment = await self.running()
        await self.settle(assignment.attempt, job=JobFate.CANCEL, cause=Cause.CANCELLED)
        detail = await self.detail(assignment.cookie.build)
        self.assertIs(detail.summary.state, BuildState.CANCELLED)
        self.assertIs(detail.summary.cause, Cause.CANCELLED)
        self.assertIsNone(await self.claim())

    async def test_cancelling(self) -> None:
        """What is being cancelled is cancelled, whatever was judged."""
        for job in (JobFate.REQUEUE, JobFate.FAIL):
            assignment = await self.running()
            build = assignment.cookie.build
            await self.store.queue.cancel(build)
            self.assertTrue((await self.assigned()).cancelling)
            await self.settle(assignment.attempt, job=job)
            self.assertIs(await self.state_of(build), BuildState.CANCELLED)
        self.assertIsNone(await self.claim())

    async def test_superseded(self) -> None:
        """What nobody wants any more does not wait again."""
        assignment = await self.running()
        build = assignment.cookie.build
        await self.store.queue.supersede(build)
        self.assertTrue((await self.assigned()).superseded)
        self.assertIs(await self.state_of(build), BuildState.BUILDING)
        await self.settle(assignment.attempt)
        detail = await self.detail(build)
        self.assertIs(detail.summary.state, BuildState.SUPERSEDED)
        self.assertIsNotNone(detail.summary.finished)
        self.assertIsNone(await self.claim())

    async def test_any_state(self) -> None:
        """An attempt may end at any time of its life."""
        await self.submit()
        claimed = await self.claimed()
        await self.settle(claimed.attempt)
        running = await self.run_next()
        await self.settle(running.attempt)
        gathering = await self.run_next()
        await self.store.builds.gathering(self.lease, gathering.attempt)
        await self.settle(gathering.attempt)
        self.assertEqual((await self.run_next()).number, 4)

    async def test_over(self) -> None:
        """Nothing comes of an attempt any more that is over."""
        assignment = await self.running()
        builds, attempt = self.store.builds, assignment.attempt
        await self.settle(attempt)
        before = await self.look_without_times()
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        kept = self.ruling(JobFate.KEEP, BuilderFate.KEEP, job_failures=9)
        writes: list[Deferred[None]] = [
            builds.started(self.lease, attempt),
            builds.gathering(self.lease, attempt),
            builds.stopping(self.lease, attempt, Cause.TIMEOUT),
            builds.keep_log(self.lease, attempt, result.log),
            builds.settle(self.lease, attempt, self.ruling(builder_failures=9)),
            builds.settle(self.lease, attempt, kept),
            builds.record(self.lease, attempt, result),
        ]
        for write in writes:
            with self.assertRaises(OvertakenError):
                await write
        self.assertEqual(await self.look_without_times(), before)

    # --- the builder

    async def test_counted(self) -> None:
        """What is left as it is only counts."""
        assignment = await self.running()
        before = await self.detail(assignment.cookie.build)
        ruling = self.ruling(
            JobFate.KEEP, BuilderFate.KEEP, builder_failures=2, job_failures=3
        )
        await self.store.builds.settle(self.lease, assignment.attempt, ruling)
        builder, seen = await self.look()
        assert seen is not None
        self.assertEqual((builder.failures, seen.failures), (2, 3))
        self.assertIs(seen.state, AttemptState.RUNNING)
        self.assertTrue(builder.ok)
        self.assertEqual(await self.detail(assignment.cookie.build), before)

    async def test_kept_clean(self) -> None:
        """A builder that is kept stays as clean as it is."""
        await self.make(CleanState.CLEANING)
        kept = self.ruling(JobFate.KEEP, BuilderFate.KEEP)
        await self.store.builds.settle(self.lease, None, kept)
        builder = await self.seen()
        self.assertEqual((builder.clean, builder.failures), (CleanState.CLEANING, 1))

    async def test_dirty(self) -> None:
        """A builder that is to be cleaned is dirty from then on."""
        await self.make(CleanState.CLEAN)
        await self.let_pass(500)
        dirty = self.ruling(JobFate.KEEP, BuilderFate.DIRTY)
        await self.store.builds.settle(self.lease, None, dirty)
        builder = await self.seen()
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertLess(builder.restless, 500)
        self.assertTrue(builder.ok)

    async def test_builder_failed(self) -> None:
        """A builder that failed is out of use, says why; its job goes on. Case 39."""
        assignment = await self.running()
        await self.settle(
            assignment.attempt,
            builder=BuilderFate.FAIL,
            builder_failures=5,
            reason="smoke",
            trial_after=300.0,
        )
        builder, none = await self.look()
        self.assertIsNone(none)
        self.assertEqual((builder.ok, builder.fail_notes), (False, "smoke"))
        self.assertEqual((builder.failures, builder.trials), (5, 1))
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertFalse(builder.on_trial)
        build = assignment.cookie.build
        self.assertIs(await self.state_of(build), BuildState.NEEDS_BUILD)

    async def test_out_of_use(self) -> None:
        """What people have said of a builder that is out of use stays."""
        assignment = await self.running()
        change = BuilderChange(ok=False, fail_notes="being moved")
        await self.store.catalogue.change_builder("bob", change)
        await self.settle(assignment.attempt, builder=BuilderFate.FAIL, trial_after=1.0)
        await self.let_pass(100)
        builder = await self.seen()
        self.assertEqual((builder.ok, builder.fail_notes), (False, "being moved"))
        self.assertEqual((builder.trials, builder.trial_due), (0, False))

    async def test_no_job(self) -> None:
        """A judgement of a builder without a job is none of one with a job."""
        await self.running()
        with self.assertRaises(OvertakenError):
            await self.settle(None, builder=BuilderFate.FAIL)
        self.assertTrue((await self.seen()).ok)
