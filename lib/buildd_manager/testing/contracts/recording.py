"""What is promised of results."""

from attrs import evolve

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.testing.contracts import farm


class RecordingContract(farm.FarmContract):
    """How results are recorded."""

    async def test_failure(self) -> None:
        """A failure is recorded with log and cause, and ends the build. Case 103."""
        assignment = await self.running()
        await self.store.builds.keep_tails({assignment.attempt: "gcc"})
        result = await self.result(BuildState.MANUAL_DEP_WAIT, Verdict.DEPFAIL)
        result = evolve(result, dependencies="libx (>= 2.0)\0", cause=Cause.DEPENDENCY)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        detail = await self.detail(assignment.cookie.build)
        summary = detail.summary
        self.assertIs(summary.state, BuildState.MANUAL_DEP_WAIT)
        self.assertEqual((summary.builder, summary.cause), ("bob", Cause.DEPENDENCY))
        self.assertIsNotNone(summary.finished)
        self.assertEqual(detail.dependencies, "libx (>= 2.0)")
        self.assertEqual((detail.log, detail.files), (result.log, ()))
        self.assertIsNone(detail.log_tail)
        (attempt,) = detail.attempts
        self.assertIs(attempt.state, AttemptState.RECORDED)
        self.assertEqual(attempt.outcome, "BuildStatus.DEPFAIL")
        self.assertEqual((attempt.cause, attempt.log), (Cause.DEPENDENCY, result.log))
        builder, none = await self.look()
        self.assertIsNone(none)
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertIsNone(await self.claim())

    async def test_fault(self) -> None:
        """What the verdict does not say is told in words."""
        assignment = await self.running()
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.OK)
        result = evolve(result, fault="no packages\0", cause=Cause.PACKAGE)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        detail = await self.detail(assignment.cookie.build)
        (attempt,) = detail.attempts
        self.assertEqual(
            (attempt.outcome, attempt.cause), ("no packages", Cause.PACKAGE)
        )

    async def test_once(self) -> None:
        """A result is recorded once."""
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        assignment = await self.running()
        await self.store.builds.record(self.lease, assignment.attempt, result)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, result)
        with self.assertRaises(OvertakenError):
            await self.store.builds.settle(
                self.lease, assignment.attempt, self.ruling()
            )

    async def test_unacknowledged(self) -> None:
        """An attempt that was never acknowledged has no result."""
        await self.submit()
        assignment = await self.claimed()
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, result)

    async def test_cancelled(self) -> None:
        """Of what is being cancelled is recorded that it was, and nothing else."""
        assignment = await self.running()
        await self.store.queue.cancel(assignment.cookie.build)
        built = await self.result(BuildState.UPLOADING, Verdict.OK)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, built)
        cancelled = evolve(
            await self.result(BuildState.CANCELLED, Verdict.ABORTED),
            cause=Cause.CANCELLED,
            acquits=False,
        )
        await self.store.builds.record(self.lease, assignment.attempt, cancelled)
        detail = await self.detail(assignment.cookie.build)
        self.assertIs(detail.summary.state, BuildState.CANCELLED)
        self.assertEqual(detail.log, cancelled.log)

    async def test_not_cancelled(self) -> None:
        """What nobody has cancelled is not recorded as cancelled."""
        assignment = await self.running()
        result = await self.result(BuildState.CANCELLED, Verdict.ABORTED)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, result)
        self.assertIs((await self.assigned()).state, AttemptState.RUNNING)

    async def test_superseded(self) -> None:
        """What was superseded meanwhile is not uploaded. Case 104."""
        result = await self.result(BuildState.SUPERSEDED, Verdict.OK)
        assignment = await self.running()
        await self.store.queue.supersede(assignment.cookie.build)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        build = assignment.cookie.build
        self.assertIs(await self.state_of(build), BuildState.SUPERSEDED)
        self.assertEqual(list(await self.store.uploads.pending_uploads(farm.ALICE)), [])

    async def test_only_canaries(self) -> None:
        """Nothing but a canary is fully built without an upload."""
        assignment = await self.running()
        result = await self.result(BuildState.FULLY_BUILT, Verdict.OK)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, result)

    async def test_acquitted(self) -> None:
        """A result that shows that a builder is well makes its failures forgotten."""
        for acquits, failures in ((False, 3), (True, 0)):
            assignment = await self.running()
            counted = self.ruling(JobFate.KEEP, BuilderFate.KEEP, builder_failures=3)
            await self.store.builds.settle(self.lease, assignment.attempt, counted)
            result = await self.failed()
            await self.store.builds.record(
                self.lease, assignment.attempt, evolve(result, acquits=acquits)
            )
            self.assertEqual((await self.seen()).failures, failures)

    async def failed(self) -> Result:
        """Make a result of a build that has failed."""
        return await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)

    async def test_retried(self) -> None:
        """What is retried is attempted with a clean slate, and has a second result."""
        first = await self.finished(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        before = await self.detail(first.cookie.build)
        await self.store.queue.retry(first.cookie.build)
        second = await self.run_next()
        self.assertEqual(second.cookie.build, first.cookie.build)
        self.assertNotEqual(second.cookie.queue, first.cookie.queue)
        self.assertEqual((second.number, second.failures), (1, 0))
        await self.store.builds.record(self.lease, second.attempt, await self.failed())
        detail = await self.detail(first.cookie.build)
        self.assertEqual([one.number for one in detail.attempts], [1, 2])
        self.assertEqual(detail.first_dispatched, before.first_dispatched)
