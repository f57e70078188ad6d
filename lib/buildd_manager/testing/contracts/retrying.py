"""What every store promises of builds that people retry."""

from typing import Any

from twisted.internet.defer import DeferredList

from buildd_manager.domain.archives import ArchiveChange, NewArchive
from buildd_manager.domain.blame import JobFate
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import SeriesChange
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildDetail
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.sources import Source
from buildd_manager.testing.contracts.changing import Changed


class RetryingContract(Changed):
    """Builds are attempted once more, with a clean slate."""

    async def test_retried(self) -> None:
        """A build waits again, with a clean slate and all that was before. Case 110."""
        running = await self.running()
        result = Result(
            state=BuildState.MANUAL_DEP_WAIT,
            verdict=Verdict.DEPFAIL,
            log=await self.add_file("log"),
            dependencies="libfoo-dev (>= 2)",
            cause=Cause.DEPENDENCY,
        )
        await self.store.builds.record(self.lease, running.attempt, result)
        number = running.cookie.build
        before = await self.detail(number)
        told = await self.store.queue.retry(number)
        after = await self.detail(number)
        self.assertEqual(after.summary, told)
        self.assertIs(told.state, BuildState.NEEDS_BUILD)
        self.assertEqual(_slate(after), (None,) * 8)
        self.assertEqual(after.first_dispatched, before.first_dispatched)
        self.assertIsNotNone(after.first_dispatched)
        self.assertEqual(after.attempts, before.attempts)
        again = await self.claimed()
        self.assertEqual(again.cookie.build, number)
        self.assertNotEqual(again.cookie.queue, running.cookie.queue)
        self.assertEqual((again.number, again.failures), (1, 0))
        self.assertEqual(
            [a.number for a in (await self.detail(number)).attempts], [1, 2]
        )

    async def test_dry_run(self) -> None:
        """Whether a build could be retried may be asked; nothing changes. Case 114."""
        number = await self.failed()
        before = await self.detail(number)
        told = await self.store.queue.retry(number, dry_run=True)
        self.assertEqual(told, before.summary)
        self.assertEqual(await self.detail(number), before)
        self.assertIsNone(await self.claim())
        waiting = await self.submit()
        await self.refused(self.store.queue.retry(waiting.id, dry_run=True))

    async def test_result_again(self) -> None:
        """A build that was retried has a result of its own, and the log of that."""
        number = await self.failed()
        await self.store.queue.retry(number)
        assignment = await self.run_next()
        ended = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, assignment.attempt, ended)
        detail = await self.detail(number)
        self.assertIs(detail.summary.state, BuildState.UPLOADING)
        self.assertEqual((detail.log, detail.files), (ended.log, ended.files))
        self.assertEqual(len({one.log for one in detail.attempts}), 2)

    async def test_no_failures(self) -> None:
        """A retried build is not blamed for what was before, nor is any builder."""
        running = await self.running()
        await self.settle(running.attempt, JobFate.FAIL, Cause.BUILDER_LOST)
        number = running.cookie.build
        self.assertIs(await self.state_of(number), BuildState.FAILED_TO_BUILD)
        await self.store.queue.retry(number)
        again = await self.claimed()
        self.assertEqual((again.cookie.build, again.failures), (number, 0))

    async def test_retried_once(self) -> None:
        """Of many who retry a build at once, one does (A6)."""
        number = await self.failed()
        asked = [self.store.queue.retry(number) for _ in range(20)]
        answers: list[Any] = await DeferredList(asked, consumeErrors=True)
        self.assertEqual(sum(bool(fine) for fine, _ in answers), 1)
        for fine, error in answers:
            if not fine:
                self.assertIsInstance(error.value, ConflictError)
        assert await self.claim() is not None

    async def test_not_retried(self) -> None:
        """What waits, runs or was built is not retried (A6)."""
        waiting = await self.submit()
        await self.refused(self.store.queue.retry(waiting.id))
        running = await self.run_next()
        await self.refused(self.store.queue.retry(running.cookie.build))
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, running.attempt, result)
        await self.refused(self.store.queue.retry(running.cookie.build))

    async def test_cancelled_retried(self) -> None:
        """A build that was cancelled may be had after all. Case 110."""
        build = await self.submit()
        await self.store.queue.cancel(build.id)
        await self.store.queue.retry(build.id)
        self.assertEqual((await self.claimed()).cookie.build, build.id)

    async def test_superseded_retried(self) -> None:
        """Whoever retries a superseded build wants its source after all. Case 110."""
        build = await self.submit()
        await self.store.queue.supersede(build.id)
        self.assertIs(await self.state_of(build.id), BuildState.SUPERSEDED)
        await self.store.queue.retry(build.id)
        assignment = await self.claimed()
        self.assertEqual(assignment.cookie.build, build.id)
        self.assertFalse(assignment.superseded)

    async def test_old_version(self) -> None:
        """A failed build of a version that is superseded is not retried."""
        source = Source(name="hello", version="1", hints=("any",), files=())
        number = await self.failed(source=source)
        newer = Source(name="hello", version="2", hints=("any",), files=())
        await self.submit(source=newer)
        await self.refused(self.store.queue.retry(number))

    async def test_closed_pocket(self) -> None:
        """Nothing is retried for a release that people have. Case 110."""
        number = await self.failed()
        update = await self.failed(pocket=Pocket.PROPOSED)
        released = SeriesChange(status=SeriesStatus.CURRENT)
        await self.store.catalogue.change_series("bookworm", released)
        await self.refused(self.store.queue.retry(number))
        self.assertIs(await self.state_of(number), BuildState.FAILED_TO_BUILD)
        await self.store.queue.retry(update)

    async def test_virtualized(self) -> None:
        """Who may build it is decided anew when a build is retried. Cases 72, 110."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        number = await self.failed(archive="ppa")
        change = ArchiveChange(require_virtualized=True)
        await self.store.catalogue.change_archive("ppa", change)
        await self.store.queue.retry(number)
        self.assertIsNone(await self.claim())
        outlook = await self.store.queue.outlook()
        self.assertTrue(outlook.builds[0].virtualized)

    async def test_retried_score(self) -> None:
        """A retried build is scored anew, unless people have scored it. Case 71."""
        for manual, score in ((False, 2505), (True, 7)):
            number = await self.failed(score=7, manual_score=manual)
            told = await self.store.queue.retry(number)
            self.assertEqual(told.score, score)
            await self.store.queue.cancel(number)


def _slate(detail: BuildDetail) -> tuple[object, ...]:
    """Give what is unknown of a build that was never tried."""
    summary = detail.summary
    return (
        summary.started,
        summary.finished,
        summary.builder,
        summary.cause,
        detail.dependencies,
        detail.log,
        detail.log_tail,
        detail.upload_output,
    )
