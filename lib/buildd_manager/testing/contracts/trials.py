"""What is promised of builders that had failed, and are tried again."""

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.testing.contracts import farm


class Trials(farm.FarmContract):
    """A farm whose builder is taken out of use, and tried again."""

    async def take_out(self, lease: Lease | None = None, after: float = 300.0) -> None:
        """Take the builder out of use."""
        ruling = self.ruling(
            JobFate.KEEP,
            BuilderFate.FAIL,
            builder_failures=5,
            reason="smoke",
            trial_after=after,
        )
        await self.store.builds.settle(lease or self.lease, None, ruling)

    async def try_again(self, lease: Lease | None = None) -> None:
        """Have the builder fail, and be tried again."""
        await self.take_out(lease)
        await self.let_pass(301)
        await self.store.builds.put_on_trial(lease or self.lease)

    async def built(self, seconds: float = 60.0, **details: object) -> Assignment:
        """Have a build be fully built, in so many seconds."""
        await self.submit(**details)  # type: ignore[arg-type]
        assignment = await self.run_next()
        await self.let_pass(seconds)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        report = UploadReport(ok=True)
        await self.store.uploads.uploaded(assignment.attempt, report)
        return assignment


class TrialContract(Trials):
    """Builders that had failed prove that they are well."""

    async def test_due(self) -> None:
        """A builder that failed is to be tried again after a while, not before."""
        await self.take_out()
        self.assertFalse((await self.seen()).trial_due)
        with self.assertRaises(OvertakenError):
            await self.store.builds.put_on_trial(self.lease)
        await self.let_pass(301)
        self.assertTrue((await self.seen()).trial_due)

    async def test_on_trial(self) -> None:
        """A builder that is tried again is dirty, unknown and without failures."""
        await self.store.builds.introduce(self.lease, "254")
        await self.make(CleanState.CLEAN)
        await self.try_again()
        builder = await self.seen()
        self.assertTrue(builder.ok)
        self.assertTrue(builder.on_trial)
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertEqual((builder.failures, builder.trials), (0, 1))
        self.assertFalse(builder.introduced)
        self.assertFalse(builder.trial_due)
        self.assertEqual(builder.fail_notes, "smoke")
        with self.assertRaises(OvertakenError):
            await self.store.builds.put_on_trial(self.lease)

    async def test_failed_again(self) -> None:
        """Each trial that a builder fails is counted, and it is off trial then."""
        for trials in (1, 2, 3):
            await self.try_again()
            self.assertEqual((await self.seen()).trials, trials)
        await self.take_out()
        builder = await self.seen()
        self.assertEqual((builder.trials, builder.on_trial), (4, False))

    async def test_out_of_use(self) -> None:
        """A builder that people have taken out of use is not tried again."""
        await self.take_out()
        change = BuilderChange(ok=False, fail_notes="being moved")
        await self.store.catalogue.change_builder("bob", change)
        await self.let_pass(301)
        self.assertFalse((await self.seen()).trial_due)
        with self.assertRaises(OvertakenError):
            await self.store.builds.put_on_trial(self.lease)

    async def test_well_enough(self) -> None:
        """A builder that is in use is not put on trial."""
        with self.assertRaises(OvertakenError):
            await self.store.builds.put_on_trial(self.lease)

    async def test_no_canary(self) -> None:
        """Where nothing is known to be good, anything tries the builder."""
        await self.try_again()
        build = await self.submit()
        assignment = await self.run_next()
        self.assertEqual(assignment.cookie.build, build.id)
        self.assertFalse(assignment.canary)
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        builder = await self.seen()
        self.assertEqual((builder.on_trial, builder.trials), (False, 0))
        self.assertIsNone(builder.fail_notes)
