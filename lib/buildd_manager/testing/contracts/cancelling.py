"""What every store promises of builds that people cancel."""

from twisted.internet.defer import DeferredList

from buildd_manager.domain.blame import JobFate
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.contracts.changing import Changed


class CancellingContract(Changed):
    """Builds are cancelled, at once or by whoever manages them."""

    async def test_cancel_waiting(self) -> None:
        """A build that waits is cancelled at once, and leaves the queue. Case 46."""
        build = await self.submit()
        told = await self.store.queue.cancel(build.id)
        self.assertIs(told.state, BuildState.CANCELLED)
        self.assertIsNotNone(told.finished)
        self.assertIsNone(await self.claim())
        self.assertEqual((await self.store.queue.outlook()).builds, ())
        await self.refused(self.store.queue.cancel(build.id))

    async def test_cancel_running(self) -> None:
        """A build that runs is cancelled by whoever manages it. Case 47."""
        running = await self.running()
        number = running.cookie.build
        told = await self.store.queue.cancel(number)
        self.assertIs(told.state, BuildState.CANCELLING)
        await self.refused(self.store.queue.cancel(number))
        await self.refused(self.store.queue.retry(number))
        _, seen = await self.look()
        assert seen is not None
        self.assertTrue(seen.cancelling)
        await self.store.builds.stopping(self.lease, seen.attempt, Cause.CANCELLED)
        await self.settle(seen.attempt, JobFate.CANCEL, Cause.CANCELLED)
        self.assertIs(await self.state_of(number), BuildState.CANCELLED)
        self.assertEqual((await self.store.queue.outlook()).running, {})
        self.assertIsNone(await self.claim())

    async def test_cancel_virtual(self) -> None:
        """Builds for virtual builders are cancelled like any other. Case 50."""
        ann = await self.another(virtualized=True, vm_host="host")
        virtual = NewBuild(architecture="amd64", virtualized=True)
        waiting = await self.submit(builds=(virtual,))
        told = await self.store.queue.cancel(waiting.id)
        self.assertIs(told.state, BuildState.CANCELLED)
        await self.submit(builds=(virtual,))
        running = await self.run_next(ann)
        told = await self.store.queue.cancel(running.cookie.build)
        self.assertIs(told.state, BuildState.CANCELLING)

    async def test_cancel_late(self) -> None:
        """What is being gathered, or has ended, is not cancelled (A6). Case 50."""
        running = await self.running()
        number = running.cookie.build
        await self.store.builds.gathering(self.lease, running.attempt)
        await self.refused(self.store.queue.cancel(number))
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, running.attempt, result)
        await self.refused(self.store.queue.cancel(number))
        self.assertIs(await self.state_of(number), BuildState.UPLOADING)

    async def test_cancel_first(self) -> None:
        """A build that is being cancelled is not gathered."""
        running = await self.running()
        await self.store.queue.cancel(running.cookie.build)
        with self.assertRaises(OvertakenError):
            await self.store.builds.gathering(self.lease, running.attempt)

    async def test_cancelled_once(self) -> None:
        """Of many who cancel a build at once, one does (A6)."""
        build = await self.submit()
        asked = [self.store.queue.cancel(build.id) for _ in range(20)]
        answers = await DeferredList(asked, consumeErrors=True)
        self.assertEqual(sum(bool(fine) for fine, _ in answers), 1)
        self.assertIs(await self.state_of(build.id), BuildState.CANCELLED)
