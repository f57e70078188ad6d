"""Which build suits which builder."""

from typing import Any

from buildd_manager.domain.archives import ArchiveChange, NewArchive
from buildd_manager.domain.blame import JobFate
from buildd_manager.domain.builders import Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import (
    ArchChange,
    BuilderChange,
    NewSeries,
    SeriesChange,
)
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildSummary, NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.contracts import farm


class MatchContract(farm.FarmContract):
    """Which build a builder is given."""

    async def submit_for(self, arch: str = "amd64", **details: Any) -> BuildSummary:
        """Submit a build for an architecture, a kind of builders, or resources."""
        virtualized = details.pop("virtualized", False)
        build = NewBuild(architecture=arch, virtualized=virtualized)
        return await self.submit(builds=(build,), **details)

    async def given(self, lease: Lease | None = None) -> int | None:
        """Tell which build a builder is given, and put that back."""
        assignment = await self.claim(lease)
        if assignment is None:
            return None
        lease = lease or self.lease
        await self.store.builds.settle(lease, assignment.attempt, self.ruling())
        return assignment.cookie.build

    # --- the best one

    async def test_best_first(self) -> None:
        """
        The highest score is claimed first, then the one that waits longest.

        Cases 61, 64.
        """
        builds = [(await self.submit(score)).id for score in (5, 10, 10)]
        claimed = []
        for _ in builds:
            assignment = await self.run_next()
            claimed.append(assignment.cookie.build)
            failed = await self.result(BuildState.CHROOT_WAIT, Verdict.CHROOTFAIL)
            await self.store.builds.record(self.lease, assignment.attempt, failed)
        self.assertEqual(claimed, [builds[1], builds[2], builds[0]])

    async def test_best_of_all_architectures(self) -> None:
        """A builder for several architectures gets the best of all of them."""
        for name in ("arm64", "armhf"):
            await self.add_architecture(name)
        ann = await self.another(architectures=("arm64", "armhf"))
        await self.submit_for("arm64", score=1)
        best = await self.submit_for("armhf", score=3)
        await self.submit_for("arm64", score=2)
        self.assertEqual(await self.given(ann), best.id)

    async def test_rescored(self) -> None:
        """A score that is changed counts from then on."""
        await self.submit(5)
        other = await self.submit(1)
        await self.store.queue.rescore(other.id, 9)
        self.assertEqual(await self.given(), other.id)

    async def test_canceled(self) -> None:
        """What was cancelled or superseded is given to nobody."""
        for end in (self.store.queue.cancel, self.store.queue.supersede):
            build = await self.submit()
            await end(build.id)
        self.assertIsNone(await self.given())

    # --- builder and build

    async def test_only_its_architecture(self) -> None:
        """
        A builder is given nothing for an architecture that it does not have.

        Case 61.
        """
        await self.add_architecture("arm64")
        await self.submit_for("arm64")
        self.assertIsNone(await self.given())

    async def test_virtualized(self) -> None:
        """What is for virtual builders is for them only, and they for that. Case 62."""
        ann = await self.another(virtualized=True, vm_host="host")
        real = await self.submit_for(score=1)
        virtual = await self.submit_for(score=2, virtualized=True)
        self.assertEqual(await self.given(), real.id)
        self.assertEqual(await self.given(ann), virtual.id)

    async def test_resources(self) -> None:
        """A builder has all that a build asks for, and is kept for who asks."""
        ann = await self.another(
            open_resources=("large",), restricted_resources=("gpu", "tpm")
        )
        plain = await self.submit(1)
        large = await self.submit(2, resources=("large",))
        await self.submit(3, resources=("gpu",))
        special = await self.submit(4, resources=("gpu", "tpm"))
        self.assertEqual(await self.given(), plain.id)
        self.assertEqual(await self.given(ann), special.id)
        cat = await self.another("cat", open_resources=("large",))
        self.assertEqual(await self.given(cat), large.id)

    async def test_failed_here(self) -> None:
        """What has failed on a builder goes to another, as long as there is one."""
        build = await self.submit()
        assignment = await self.claimed()
        blamed = self.ruling(blamed=True)
        await self.store.builds.settle(self.lease, assignment.attempt, blamed)
        self.assertEqual(await self.given(), build.id)
        ann = await self.another()
        self.assertIsNone(await self.given())
        await self.store.catalogue.change_builder("ann", BuilderChange(manual=True))
        self.assertEqual(await self.given(), build.id)
        await self.store.catalogue.change_builder("ann", BuilderChange(manual=False))
        again = await self.claimed(ann)
        await self.store.builds.settle(ann, again.attempt, blamed)
        self.assertEqual(await self.given(), build.id)
        self.assertEqual(await self.given(ann), build.id)

    async def test_failed_here_unlike(self) -> None:
        """A builder of another kind is no place for what failed on this one."""
        await self.another("virtual", virtualized=True, vm_host="host")
        await self.another("special", restricted_resources=("gpu",))
        build = await self.submit()
        assignment = await self.claimed()
        blamed = self.ruling(blamed=True)
        await self.store.builds.settle(self.lease, assignment.attempt, blamed)
        self.assertEqual(await self.given(), build.id)

    async def test_failed_here_before_retry(self) -> None:
        """What was queued anew has failed nowhere."""
        await self.another()
        build = await self.submit()
        assignment = await self.claimed()
        failed = self.ruling(JobFate.FAIL, blamed=True)
        await self.store.builds.settle(self.lease, assignment.attempt, failed)
        await self.store.queue.retry(build.id)
        self.assertEqual(await self.given(), build.id)

    # --- what may be built

    async def test_archive_disabled(self) -> None:
        """Builds for an archive that is disabled wait until it is not."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        build = await self.submit(archive="ppa")
        change = self.store.catalogue.change_archive
        await change("ppa", ArchiveChange(enabled=False))
        self.assertIsNone(await self.given())
        await change("ppa", ArchiveChange(enabled=True))
        self.assertEqual(await self.given(), build.id)

    async def test_no_chroot(self) -> None:
        """What has no chroot waits until there is one."""
        await self.store.catalogue.add_architecture("bookworm", "arm64")
        arm = await self.another(architectures=("arm64",))
        build = await self.submit_for("arm64")
        self.assertIsNone(await self.given(arm))
        chroot = await self.add_file("chroot.tar.gz")
        await self.store.catalogue.set_chroot("bookworm", "arm64", chroot)
        self.assertEqual(await self.given(arm), build.id)

    async def test_nobody_starves(self) -> None:
        """What cannot be built, however urgent, keeps nothing else waiting."""
        catalogue = self.store.catalogue
        await catalogue.add_series(NewSeries(name="sid"))
        await catalogue.add_architecture("sid", "amd64")
        await catalogue.add_archive(NewArchive(name="ppa"))
        await catalogue.change_archive("ppa", ArchiveChange(enabled=False))
        build = await self.submit(1)
        for details in (
            {"series": "sid"},
            {"archive": "ppa"},
            {"resources": ("gpu",)},
            {"builds": (NewBuild(architecture="amd64", virtualized=True),)},
        ):
            await self.submit(9, **details)
        self.assertEqual(await self.given(), build.id)

    async def test_nearest_chroot(self) -> None:
        """A build is done in the chroot of its pocket, or else of the nearest."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        proposed = {"archive": "ppa", "pocket": Pocket.PROPOSED}
        await self.submit(1, **proposed)
        self.assertEqual((await self.claimed()).job.chroot.name, "chroot-amd64.tar.gz")
        updates = await self.add_file("updates.tar.gz")
        set_chroot = self.store.catalogue.set_chroot
        await set_chroot("bookworm", "amd64", updates, Pocket.UPDATES)
        ann = await self.another()
        await self.submit(2, **proposed)
        assignment = await self.claimed(ann)
        self.assertEqual(assignment.job.chroot, updates)
        await set_chroot("bookworm", "amd64", None, Pocket.UPDATES)
        _, seen = await self.store.builds.look(ann.builder)
        assert seen is not None
        self.assertEqual(seen.job.chroot, updates)

    async def test_architecture_disabled(self) -> None:
        """Builds for an architecture that is disabled wait until it is not."""
        build = await self.submit()
        change = self.store.catalogue.change_architecture
        await change("bookworm", "amd64", ArchChange(enabled=False))
        self.assertIsNone(await self.given())
        await change("bookworm", "amd64", ArchChange(enabled=True))
        self.assertEqual(await self.given(), build.id)

    async def test_pocket_closed(self) -> None:
        """What is for a pocket that takes nothing now waits until that does."""
        build = await self.submit()
        change = self.store.catalogue.change_series
        await change("bookworm", SeriesChange(status=SeriesStatus.CURRENT))
        self.assertIsNone(await self.given())
        await change("bookworm", SeriesChange(status=SeriesStatus.FROZEN))
        self.assertEqual(await self.given(), build.id)

    async def test_embargoed(self) -> None:
        """What is for security is built only if its archive says so. Cases 70, 91."""
        new = NewSeries(name="bullseye", status=SeriesStatus.SUPPORTED)
        await self.store.catalogue.add_series(new)
        await self.add_architecture("amd64", "bullseye")
        secret = await self.submit(9, series="bullseye", pocket=Pocket.SECURITY)
        self.assertIsNone(await self.given())
        update = await self.submit(1, series="bullseye", pocket=Pocket.UPDATES)
        self.assertEqual(await self.given(), update.id)
        await self.change_archive("debian", build_security=True)
        self.assertEqual(await self.given(), secret.id)

    async def test_obsolete(self) -> None:
        """What is for an obsolete series, too. Case 70."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        build = await self.submit(archive="ppa")
        obsolete = SeriesChange(status=SeriesStatus.OBSOLETE)
        await self.store.catalogue.change_series("bookworm", obsolete)
        await self.change_archive("debian", build_obsolete=True)
        self.assertIsNone(await self.given())
        await self.change_archive("ppa", build_obsolete=True)
        self.assertEqual(await self.given(), build.id)

    async def change_archive(self, name: str, **details: bool) -> None:
        """Change an archive."""
        change = ArchiveChange(**details)  # type: ignore[arg-type]
        await self.store.catalogue.change_archive(name, change)
