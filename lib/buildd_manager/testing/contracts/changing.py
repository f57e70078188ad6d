"""What every store promises of builds that people change."""

from typing import Any

from twisted.internet.defer import Deferred

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.contracts.farm import FarmContract


class Changed(FarmContract):
    """A farm whose builds people change."""

    async def failed(self, **details: Any) -> int:
        """Have a build fail."""
        state, verdict = BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL
        return (await self.finished(state, verdict, **details)).cookie.build

    async def settle(self, attempt: int, job: JobFate, cause: Cause) -> None:
        """End an attempt without a result."""
        ruling = self.ruling(job, BuilderFate.KEEP, cause=cause)
        await self.store.builds.settle(self.lease, attempt, ruling)

    async def refused(self, change: Deferred[Any]) -> None:
        """Check that a change does not go together with the build's state."""
        with self.assertRaises(ConflictError) as caught:
            await change
        self.assertEqual(caught.exception.field, "build")


class ChangingContract(Changed):
    """Builds are rescored and superseded."""

    async def test_unknown(self) -> None:
        """What is asked of no build is refused as such."""
        queue = self.store.queue
        for number in (0, 999, 10**30):
            for change in (
                queue.retry(number),
                queue.cancel(number),
                queue.rescore(number, 1),
                queue.supersede(number),
            ):
                with self.assertRaises(NotFoundError):
                    await change

    # --- rescore

    async def claim_order(self, *builds: int) -> list[int]:
        """Have builds built, one after the other; give their order."""
        order = []
        for _ in builds:
            assignment: Assignment = await self.run_next()
            order.append(assignment.cookie.build)
            failed = await self.result(BuildState.CHROOT_WAIT, Verdict.CHROOTFAIL)
            await self.store.builds.record(self.lease, assignment.attempt, failed)
        return order

    async def test_rescored(self) -> None:
        """A score by hand puts a build where it says. Case 61."""
        first, second = await self.submit(10), await self.submit(5)
        told = await self.store.queue.rescore(second.id, 11)
        self.assertEqual(told.score, 11)
        self.assertTrue((await self.detail(second.id)).manual_score)
        order = await self.claim_order(first.id, second.id)
        self.assertEqual(order, [second.id, first.id])

    async def test_automatic_again(self) -> None:
        """A score by hand may be taken back."""
        build = await self.submit(99, manual_score=True)
        told = await self.store.queue.rescore(build.id, None)
        self.assertEqual(told.score, 2505)
        detail = await self.detail(build.id)
        self.assertFalse(detail.manual_score)
        self.assertEqual(detail.scored.total, 2505)
        (waiting,) = (await self.store.queue.outlook()).builds
        self.assertEqual(waiting.score, 2505)

    async def test_not_rescored(self) -> None:
        """The score of what does not wait is history."""
        running = await self.running()
        await self.refused(self.store.queue.rescore(running.cookie.build, 1))
        number = await self.failed_after(running)
        await self.refused(self.store.queue.rescore(number, 1))

    async def failed_after(self, running: Assignment) -> int:
        """Have a build fail that runs."""
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        await self.store.builds.record(self.lease, running.attempt, result)
        return running.cookie.build

    # --- supersede

    async def test_supersede(self) -> None:
        """A source is given up, with all its builds that wait, and once."""
        await self.add_architecture("arm64")
        both = tuple(NewBuild(architecture=name) for name in ("amd64", "arm64"))
        builds = await self.store.queue.submit(await self.submission(builds=both))
        other = await self.submit()
        await self.store.queue.supersede(builds[0].id)
        for build in builds:
            self.assertIs(await self.state_of(build.id), BuildState.SUPERSEDED)
            await self.refused(self.store.queue.supersede(build.id))
        self.assertIs(await self.state_of(other.id), BuildState.NEEDS_BUILD)
