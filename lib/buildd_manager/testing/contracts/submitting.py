"""What every store promises of sources that enter the queue, and of older ones."""

from typing import Any

from attrs import evolve

from buildd_manager.domain.archives import ArchiveChange
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import InvalidError, NotFoundError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildFilter, BuildSummary, NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.sources import Source
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.testing.contracts.farm import ALICE, FarmContract


class SubmittingContract(FarmContract):
    """Sources enter the queue."""

    async def submit_version(self, version: str, **details: Any) -> BuildSummary:
        """Submit a version of one and the same source."""
        source = Source(name="hello", version=version, hints=("any",), files=())
        return await self.submit(source=source, **details)

    async def test_submitted(self) -> None:
        """A source's builds wait, with all that was said of them."""
        await self.add_architecture("arm64")
        builds = (
            NewBuild(architecture="amd64", arch_indep=True, estimate=60.0),
            NewBuild(architecture="arm64", virtualized=True),
        )
        submission = await self.submission(
            7, builds=builds, resources=("gpu",), manual_score=True
        )
        first, second = await self.store.queue.submit(submission)
        self.assertEqual(
            (first.source, first.version, first.archive, first.series, first.pocket),
            (submission.source.name, "1", "debian", "bookworm", Pocket.RELEASE),
        )
        self.assertEqual([first.architecture, second.architecture], ["amd64", "arm64"])
        self.assertLess(first.id, second.id)
        for build in (first, second):
            self.assertIs(build.state, BuildState.NEEDS_BUILD)
            self.assertEqual(build.score, 7)
            self.assertIsNone(build.builder)
            self.assertIsNone(build.started)
        detail = await self.detail(first.id)
        self.assertEqual(detail.summary, first)
        self.assertEqual((detail.estimate, detail.resources), (60.0, ("gpu",)))
        self.assertTrue(detail.manual_score)

    async def test_virtual(self) -> None:
        """For which builders builds are is decided by what archives say by then."""
        await self.store.catalogue.change_archive(
            "debian", ArchiveChange(require_virtualized=True)
        )
        build = await self.submit(builds=(NewBuild(architecture="amd64"),))
        (waiting,) = (await self.store.queue.outlook()).builds
        self.assertEqual((waiting.id, waiting.virtualized), (build.id, True))

    async def test_nothing_half(self) -> None:
        """A source of which a part cannot be added is not added at all."""
        amd64, other = NewBuild(architecture="amd64"), NewBuild(architecture="x")
        wrong: dict[str, dict[str, Any]] = {
            "archive": {"archive": "x"},
            "series": {"series": "x"},
            "arch": {"builds": (amd64, other)},
        }
        for field, details in wrong.items():
            with self.assertRaises(NotFoundError) as caught:
                await self.submit(**details)
            self.assertEqual(caught.exception.field, field)
        self.assertEqual(await self.store.queue.builds(BuildFilter(), None, 9), [])

    async def test_bad_version(self) -> None:
        """A version that cannot be compared with others is none."""
        with self.assertRaises(InvalidError):
            await self.submit_version("-")

    async def test_superseded(self) -> None:
        """A newer version takes the place of older ones that wait, as Debian counts."""
        old, same = await self.submit_version("9"), await self.submit_version("10~rc1")
        newest = await self.submit_version("10")
        for build, state in (
            (old, BuildState.SUPERSEDED),
            (same, BuildState.SUPERSEDED),
            (newest, BuildState.NEEDS_BUILD),
        ):
            self.assertIs(await self.state_of(build.id), state)
        claimed = await self.claimed()
        self.assertEqual(claimed.cookie.build, newest.id)
        self.assertIsNotNone((await self.detail(old.id)).summary.finished)

    async def test_not_superseded(self) -> None:
        """An older version, or the same once more, takes nobody's place."""
        first = await self.submit_version("2")
        await self.submit_version("2")
        await self.submit_version("1:0", pocket=Pocket.PROPOSED)
        await self.submit_version("1")
        self.assertIs(await self.state_of(first.id), BuildState.NEEDS_BUILD)

    async def test_running_superseded(self) -> None:
        """A build that runs goes on, and is known to be superseded. Case 104."""
        await self.submit_version("1")
        running = await self.run_next()
        self.assertFalse(running.superseded)
        await self.submit_version("2")
        _, seen = await self.look()
        assert seen is not None
        self.assertTrue(seen.superseded)
        self.assertIs(await self.state_of(seen.cookie.build), BuildState.BUILDING)
        result = await self.result(BuildState.SUPERSEDED, Verdict.OK)
        await self.store.builds.record(self.lease, seen.attempt, result)
        self.assertIs(await self.state_of(seen.cookie.build), BuildState.SUPERSEDED)

    async def test_ended_stays(self) -> None:
        """What has ended stays as it is, whatever comes."""
        failed, verdict = BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL
        source = Source(name="hello", version="1", hints=("any",), files=())
        ended = await self.finished(failed, verdict, source=source)
        await self.submit_version("2")
        self.assertIs(await self.state_of(ended.cookie.build), failed)

    async def test_estimate(self) -> None:
        """What a source's last success took, its next build will take. Case 112."""
        source = Source(name="hello", version="1", hints=("any",), files=())
        build = NewBuild(architecture="amd64", estimate=60.0)
        running = await self.running(source=source, builds=(build,))
        detail = await self.detail(running.cookie.build)
        self.assertEqual(detail.estimate, 60.0)
        await self.let_pass(335)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, running.attempt, result)
        uploads = self.store.uploads
        (upload,) = await uploads.pending_uploads(ALICE)
        again = await self.submit(source=evolve(source, version="2"))
        self.assertEqual((await self.detail(again.id)).estimate, 300.0)
        await uploads.uploaded(upload.attempt, UploadReport(ok=True))
        again = await self.submit(source=evolve(source, version="3"))
        self.assertEqual(round((await self.detail(again.id)).estimate), 335)
