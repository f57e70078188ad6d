"""What every store promises of what is seen of a farm at one moment."""

from typing import Any

from buildd_manager.domain.archives import ArchiveChange, NewArchive
from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import ArchChange, BuilderChange, SeriesChange
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.checks import MOST_TAGS
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.matching import Candidate, WaitingBuild, suits
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildFilter, NewBuild
from buildd_manager.domain.reasons import Reason
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.domain.why import why_idle, why_waiting
from buildd_manager.testing.contracts.farm import ALICE, FarmContract


class OutlookContract(FarmContract):
    """All that waits and runs, and all builders."""

    async def outlook(self) -> Outlook:
        """Look at the farm."""
        return await self.store.queue.outlook()

    async def waiting(self) -> WaitingBuild:
        """Look at the one build that waits."""
        (build,) = (await self.outlook()).builds
        return build

    async def bob(self) -> Candidate:
        """Look at the first builder."""
        builders = {one.name: one for one in (await self.outlook()).builders}
        return builders["bob"]

    async def reasons(self) -> list[Reason]:
        """Tell why the one build is not given to bob, or not at all."""
        seen = await self.outlook()
        because = why_waiting(seen.builds[0], seen.builds, seen.builders)
        return [one.reason for one in because]

    async def clean(self) -> None:
        """Make bob clean."""
        await self.make(CleanState.CLEAN)

    async def test_nothing(self) -> None:
        """In a farm with nothing to do, builders say so."""
        await self.clean()
        seen = await self.outlook()
        self.assertEqual((seen.builds, seen.estimates, seen.running), ((), {}, {}))
        (because,) = why_idle(seen.builders[0], seen.builds, seen.builders)
        self.assertIs(because.reason, Reason.NOTHING_WAITS)

    async def test_waiting(self) -> None:
        """What waits is seen with what decides who builds it. Case 72."""
        wanted = NewBuild(architecture="amd64", virtualized=True, estimate=90.0)
        build = await self.submit(7, builds=(wanted,), resources=("gpu",))
        seen = await self.outlook()
        (waiting,) = seen.builds
        self.assertEqual(
            waiting,
            WaitingBuild(
                id=build.id,
                queue=waiting.queue,
                architecture="amd64",
                score=7,
                virtualized=True,
                resources=frozenset({"gpu"}),
            ),
        )
        self.assertEqual(seen.estimates, {build.id: 90.0})

    async def test_builders(self) -> None:
        """Builders are seen with what decides what they build."""
        await self.add_builder(
            "eve",
            architectures=("arm64", "amd64"),
            virtualized=True,
            vm_host="host",
            open_resources=("gpu",),
            restricted_resources=("huge",),
            manual=True,
        )
        bob, eve = (await self.outlook()).builders
        self.assertEqual(
            bob,
            Candidate(
                id=self.builder.id,
                name="bob",
                architectures=frozenset({"amd64"}),
                clean=False,
            ),
        )
        self.assertEqual(
            eve,
            Candidate(
                id=eve.id,
                name="eve",
                architectures=frozenset({"amd64", "arm64"}),
                virtualized=True,
                open_resources=frozenset({"gpu"}),
                restricted_resources=frozenset({"huge"}),
                manual=True,
                clean=False,
            ),
        )
        await self.clean()
        self.assertTrue((await self.bob()).clean)
        out = BuilderChange(ok=False, fail_notes="smoke")
        await self.store.catalogue.change_builder("bob", out)
        self.assertFalse((await self.bob()).ok)

    async def test_running(self) -> None:
        """What runs is seen with how long it does, and no longer waits. Case 68."""
        wanted = NewBuild(architecture="amd64", estimate=600.0)
        running = await self.running(builds=(wanted,))
        await self.let_pass(100)
        seen = await self.outlook()
        self.assertEqual(seen.builds, ())
        (one,) = seen.running.values()
        self.assertEqual(set(seen.running), {self.builder.id})
        self.assertEqual((one.build, one.estimate), (running.cookie.build, 600.0))
        self.assertGreaterEqual(one.elapsed, 100)
        self.assertIsNone(await self.claim(await self.another()))
        self.assertTrue((await self.bob()).busy)

    # --- why not

    async def test_free(self) -> None:
        """There is no reason where a build is about to be given to a builder."""
        await self.submit()
        await self.clean()
        self.assertEqual(await self.reasons(), [])
        self.assertIsNotNone(await self.claim())

    async def agree(self, reason: Reason) -> None:
        """Check that a build waits for a reason, and is not claimed."""
        await self.clean()
        self.assertIn(reason, await self.reasons())
        self.assertIsNone(await self.claim())

    async def test_architecture(self) -> None:
        """A build for another architecture is not given to a builder. Case 61."""
        await self.add_architecture("arm64")
        await self.submit(builds=(NewBuild(architecture="arm64"),))
        await self.agree(Reason.WRONG_ARCHITECTURE)

    async def test_virtualized(self) -> None:
        """A build for virtual builders is not given to others. Case 62."""
        wanted = NewBuild(architecture="amd64", virtualized=True)
        await self.submit(builds=(wanted,))
        await self.agree(Reason.VIRTUALIZED_MISMATCH)

    async def test_most_resources(self) -> None:
        """As many resources are found as may be named, however long their names."""
        tags = tuple(f"{number:x}" * 63 for number in range(MOST_TAGS))
        build = await self.submit(resources=tags)
        self.assertIsNone(await self.claim())
        able = await self.another("able", open_resources=tags)
        self.assertEqual((await self.claimed(able)).cookie.build, build.id)

    async def test_resources(self) -> None:
        """A build that asks for more than a builder has is not given to it."""
        await self.submit(resources=("gpu",))
        await self.agree(Reason.MISSING_RESOURCE)

    async def test_disabled_archive(self) -> None:
        """A build for a disabled archive stays where it is. Case 66."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        await self.submit(archive="ppa")
        await self.change_archive("ppa", enabled=False)
        await self.agree(Reason.ARCHIVE_DISABLED)
        await self.change_archive("ppa", enabled=True)
        self.assertIsNotNone(await self.claim())

    async def change_archive(self, name: str, **details: Any) -> None:
        """Change an archive."""
        await self.store.catalogue.change_archive(name, ArchiveChange(**details))

    async def test_private_archive(self) -> None:
        """What is for a private archive is built before any of it is there. Case 67."""
        new = NewArchive(name="ppa", private=True, secret=Secret("correct-horse"))
        await self.store.catalogue.add_archive(new)
        build = await self.submit(archive="ppa")
        await self.clean()
        self.assertEqual(await self.reasons(), [])
        self.assertEqual((await self.claimed()).cookie.build, build.id)

    async def test_embargoed(self) -> None:
        """
        What is embargoed is not built; it waits, and says so. Case 70.

        It has not failed: its archive may be told to build it, or it be cancelled.
        """
        await self.series_is(SeriesStatus.CURRENT)
        build = await self.submit(pocket=Pocket.SECURITY)
        await self.agree(Reason.EMBARGOED)
        self.assertIs(await self.state_of(build.id), BuildState.NEEDS_BUILD)
        await self.change_archive("debian", build_security=True)
        self.assertEqual(await self.reasons(), [])
        self.assertEqual((await self.claimed()).cookie.build, build.id)

    async def test_closed_pocket(self) -> None:
        """What is for a pocket that takes nothing now waits, and says so."""
        await self.submit()
        await self.series_is(SeriesStatus.CURRENT)
        await self.agree(Reason.POCKET_CLOSED)

    async def series_is(self, status: SeriesStatus) -> None:
        """Change how far the series has come."""
        change = SeriesChange(status=status)
        await self.store.catalogue.change_series("bookworm", change)

    async def test_obsolete(self) -> None:
        """Nothing is built for a series that is obsolete; it waits, too. Case 70."""
        build = await self.submit(pocket=Pocket.PROPOSED)
        await self.series_is(SeriesStatus.OBSOLETE)
        await self.agree(Reason.SERIES_OBSOLETE)
        self.assertIs(await self.state_of(build.id), BuildState.NEEDS_BUILD)
        await self.change_archive("debian", build_obsolete=True)
        self.assertEqual(await self.reasons(), [])
        self.assertEqual((await self.claimed()).cookie.build, build.id)

    async def test_no_chroot(self) -> None:
        """What has no chroot, or is not built for now, waits and says so. Case 91."""
        await self.submit()
        change = ArchChange(enabled=False)
        catalogue = self.store.catalogue
        await catalogue.change_architecture("bookworm", "amd64", change)
        await self.agree(Reason.NO_CHROOT)
        change = ArchChange(enabled=True)
        await catalogue.change_architecture("bookworm", "amd64", change)
        await catalogue.set_chroot("bookworm", "amd64", None)
        await self.agree(Reason.NO_CHROOT)

    async def test_failed_here(self) -> None:
        """A build that failed on a builder goes elsewhere, if it can."""
        await self.add_builder("eve")
        running = await self.running()
        ruling = self.ruling(cause=Cause.NOT_STARTED, blamed=True)
        await self.store.builds.settle(self.lease, running.attempt, ruling)
        self.assertEqual((await self.waiting()).failed_on, {self.builder.id})
        await self.agree(Reason.FAILED_HERE_BEFORE)
        change = BuilderChange(manual=True)
        await self.store.catalogue.change_builder("eve", change)
        await self.clean()
        self.assertIsNotNone(await self.claim())

    async def test_order(self) -> None:
        """What is claimed is what the outlook says comes first. Cases 61, 64."""
        for score in (5, 10, 10, 7):
            await self.submit(score)
        await self.clean()
        seen = await self.outlook()
        best = min(seen.builds, key=lambda build: build.rank)
        self.assertTrue(suits(best, seen.builders[0], seen.builders))
        claimed = await self.claimed()
        self.assertEqual(claimed.cookie.build, best.id)
        self.assertEqual((await self.outlook()).builds[0].score, 5)

    # --- trials

    async def on_trial(self) -> None:
        """Have bob fail, and be tried again."""
        ruling = self.ruling(JobFate.KEEP, BuilderFate.FAIL, job_failures=0)
        await self.store.builds.settle(self.lease, None, ruling)
        await self.store.builds.put_on_trial(self.lease)

    async def test_trial(self) -> None:
        """A builder on trial waits for a canary, if some canary suits it."""
        await self.on_trial()
        self.assertFalse((await self.bob()).on_trial)
        await self.succeed()
        await self.on_trial()
        self.assertTrue((await self.bob()).on_trial)
        await self.submit()
        await self.clean()
        self.assertIn(Reason.BUILDER_ON_TRIAL, await self.reasons())

    async def test_canary(self) -> None:
        """A canary is nobody's build: it is not listed, nor waits."""
        await self.succeed()
        await self.on_trial()
        canary = await self.claimed()
        self.assertTrue(canary.canary)
        seen = await self.outlook()
        self.assertEqual(seen.builds, ())
        number = canary.cookie.build
        self.assertEqual(seen.running[self.builder.id].build, number)
        listed = await self.store.queue.builds(BuildFilter(), None, 9)
        self.assertNotIn(number, [build.id for build in listed])
        for change in (self.store.queue.cancel(number), self.store.queue.retry(number)):
            with self.assertRaises(ConflictError):
                await change

    async def succeed(self) -> None:
        """Have a build succeed, which is known to be good from then on."""
        ended = await self.finished(BuildState.UPLOADING, Verdict.OK)
        (upload,) = await self.store.uploads.pending_uploads(ALICE)
        self.assertEqual(upload.build, ended.cookie.build)
        await self.store.uploads.uploaded(upload.attempt, UploadReport(ok=True))
