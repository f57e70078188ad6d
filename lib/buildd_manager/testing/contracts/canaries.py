"""What is promised of canaries: builds that are known to be good, and try builders."""

from attrs import evolve

from buildd_manager.domain.archives import ArchiveChange
from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange, SeriesChange
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildFilter, NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.contracts import farm
from buildd_manager.testing.contracts.trials import Trials


class CanaryContract(Trials):
    """A builder on trial builds what is known to be good once more."""

    async def test_canary(self) -> None:
        """A builder on trial gets the quickest success, whatever else waits."""
        await self.built(600)
        quick = await self.built(60)
        await self.built(900)
        await self.try_again()
        await self.submit(99)
        canary = await self.claimed()
        self.assertTrue(canary.canary)
        self.assertNotEqual(canary.cookie.build, quick.cookie.build)
        self.assertEqual(canary.job, quick.job)
        self.assertEqual((canary.number, canary.failures), (1, 0))
        self.assertIs((await self.seen()).clean, CleanState.DIRTY)

    async def test_hidden(self) -> None:
        """A canary is in no list of builds."""
        good = await self.built()
        await self.try_again()
        canary = await self.claimed()
        listed = await self.store.queue.builds(BuildFilter(), None, 9)
        self.assertEqual([one.id for one in listed], [good.cookie.build])
        self.assertIs(await self.state_of(canary.cookie.build), BuildState.BUILDING)

    async def test_canary_built(self) -> None:
        """A builder that has built a canary is well, and nothing is uploaded."""
        await self.built()
        await self.try_again()
        canary = await self.run_next()
        builds, attempt = self.store.builds, canary.attempt
        uploading = await self.result(BuildState.UPLOADING, Verdict.OK)
        with self.assertRaises(OvertakenError):
            await builds.record(self.lease, attempt, uploading)
        result = await self.result(BuildState.FULLY_BUILT, Verdict.OK)
        await builds.record(self.lease, attempt, result)
        builder = await self.seen()
        self.assertEqual((builder.on_trial, builder.trials), (False, 0))
        self.assertIsNone(builder.fail_notes)
        pending = await self.store.uploads.pending_uploads(farm.ALICE)
        self.assertEqual(list(pending), [])
        build = canary.cookie.build
        self.assertIs(await self.state_of(build), BuildState.FULLY_BUILT)
        self.assertIsNone(await self.claim())

    async def test_canary_is_no_history(self) -> None:
        """A canary that was built is copied no further."""
        good = await self.built(60)
        await self.try_again()
        canary = await self.run_next()
        result = await self.result(BuildState.FULLY_BUILT, Verdict.OK)
        await self.store.builds.record(self.lease, canary.attempt, result)
        await self.try_again()
        again = await self.claimed()
        self.assertEqual(again.job, good.job)
        self.assertGreaterEqual(again.wall.longest or 0.0, 60)

    async def test_canary_failed(self) -> None:
        """A canary that fails acquits nobody."""
        await self.built()
        await self.try_again()
        canary = await self.run_next()
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.OK)
        await self.store.builds.record(self.lease, canary.attempt, result)
        builder = await self.seen()
        self.assertEqual((builder.on_trial, builder.trials), (True, 1))

    async def test_canary_is_over(self) -> None:
        """A canary without a result is over, whatever was judged."""
        await self.built()
        for job in (JobFate.REQUEUE, JobFate.FAIL, JobFate.CANCEL):
            await self.try_again()
            canary = await self.run_next()
            ruling = evolve(self.ruling(), job=job, builder=BuilderFate.FAIL)
            await self.store.builds.settle(self.lease, canary.attempt, ruling)
            build = canary.cookie.build
            self.assertIs(await self.state_of(build), BuildState.CANCELLED)
        change = BuilderChange(ok=True)
        await self.store.catalogue.change_builder("bob", change)
        self.assertIsNone(await self.claim())

    async def test_another_canary(self) -> None:
        """What has failed one trial of a builder tries another, and not it again."""
        ann = await self.another()
        stale, good = await self.built(60), await self.built(600)
        await self.try_again()
        canary = await self.run_next()
        self.assertEqual(canary.job, stale.job)
        ruling = self.ruling(JobFate.FAIL, BuilderFate.FAIL, blamed=True)
        await self.store.builds.settle(self.lease, canary.attempt, ruling)
        await self.let_pass(301)
        await self.store.builds.put_on_trial(self.lease)
        self.assertEqual((await self.claimed()).job, good.job)
        await self.try_again(ann)
        self.assertEqual((await self.claimed(ann)).job, stale.job)

    async def test_superseded_canary(self) -> None:
        """What was known to be good is so even if nobody wants it any more."""
        good = await self.built()
        await self.store.queue.submit(
            await self.submission(
                source=evolve(
                    (await self.submission()).source,
                    name=good.job.source,
                    version="2",
                )
            )
        )
        await self.try_again()
        canary = await self.claimed()
        self.assertTrue(canary.canary)
        self.assertEqual(canary.job.version, "1")

    async def test_unsuitable_canary(self) -> None:
        """What does not suit a builder does not try it."""
        await self.built(1)
        await self.add_architecture("arm64")
        for name, details in (
            ("arm", {"architectures": ("arm64",)}),
            ("virtual", {"virtualized": True, "vm_host": "host"}),
            ("special", {"restricted_resources": ("gpu",)}),
        ):
            lease = await self.another(name, **details)
            await self.try_again(lease)
            self.assertIsNone(await self.claim(lease))
        await self.try_again()
        disabled = ArchiveChange(enabled=False)
        await self.store.catalogue.change_archive("debian", disabled)
        self.assertIsNone(await self.claim())

    async def test_embargoed_canary(self) -> None:
        """What may no longer be built does not try a builder either."""
        await self.become(SeriesStatus.CURRENT)
        await self.change_archive(build_security=True, build_obsolete=True)
        await self.built(pocket=Pocket.SECURITY)
        await self.become(SeriesStatus.OBSOLETE)
        for flag in ("build_security", "build_obsolete"):
            await self.change_archive(**{flag: False})
            await self.try_again()
            self.assertIsNone(await self.claim())
            await self.change_archive(**{flag: True})
        await self.try_again()
        self.assertTrue((await self.claimed()).canary)

    async def test_virtual_canary(self) -> None:
        """What is for virtual builders by now tries no other."""
        await self.built()
        await self.change_archive(require_virtualized=True)
        await self.try_again()
        self.assertIsNone(await self.claim())
        await self.change_archive(require_virtualized=False)
        await self.try_again()
        self.assertTrue((await self.claimed()).canary)

    async def become(self, status: SeriesStatus) -> None:
        """Change how far the series has come."""
        change = SeriesChange(status=status)
        await self.store.catalogue.change_series("bookworm", change)

    async def change_archive(self, **details: bool) -> None:
        """Change for what the archive builds."""
        change = ArchiveChange(**details)  # type: ignore[arg-type]
        await self.store.catalogue.change_archive("debian", change)

    async def test_canary_for_another(self) -> None:
        """A canary is for the builder that is tried, and for no other."""
        await self.built()
        ann = await self.another()
        await self.try_again()
        await self.claimed()
        self.assertIsNone(await self.claim(ann))

    async def test_manual(self) -> None:
        """A builder to which people give its work is not tried by us."""
        await self.built()
        await self.try_again()
        await self.store.catalogue.change_builder("bob", BuilderChange(manual=True))
        self.assertIsNone(await self.claim())

    async def test_copied(self) -> None:
        """A canary is for the kind of builders that what it copies was for."""
        resources = ("large",)
        change = BuilderChange(open_resources=resources)
        await self.store.catalogue.change_builder("bob", change)
        build = NewBuild(architecture="amd64", arch_indep=True)
        await self.built(builds=(build,), resources=resources)
        await self.try_again()
        canary = await self.claimed()
        self.assertEqual(canary.job.resources, resources)
        self.assertTrue(canary.job.arch_indep)
