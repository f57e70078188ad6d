"""What is promised of jobs: what workers are told."""

from attrs import evolve

from buildd_manager.domain.archives import (
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewSeries
from buildd_manager.domain.jobs import Job
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.sources import Source
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.testing.contracts import farm


SECRET = "sesame-sesame"  # noqa: S105 - of nothing


class JobContract(farm.FarmContract):
    """What a worker is told about a build."""

    async def job(self, **details: object) -> Job:
        """Have a build claimed, and give its job."""
        await self.submit(**details)  # type: ignore[arg-type]
        return (await self.claimed()).job

    def lines(self, job: Job) -> list[str]:
        """Give the lines of a job as the worker is told."""
        return [line.text() for line in job.archive_lines or ()]

    async def test_job(self) -> None:
        """A job says all that a worker is told."""
        job = await self.job(component="contrib", resources=())
        self.assertEqual(
            (job.version, job.distribution, job.series, job.suite, job.component),
            ("1", "debian", "bookworm", "bookworm", "contrib"),
        )
        self.assertEqual((job.architecture, job.arch_indep), ("amd64", False))
        self.assertEqual([file.name for file in job.files], [f"{job.source}_1.dsc"])
        self.assertEqual((job.purpose, job.private), ("PRIMARY", False))
        self.assertIsNone(job.archive_lines)
        self.assertEqual(job.trusted_keys, ())

    async def test_series_lines(self) -> None:
        """While the primary archive has no address, the lines of the series serve."""
        lines = ("deb http://x trixie main", "deb http://u:pw@y trixie main")
        new = NewSeries(name="trixie", distribution="other", archive_lines=lines)
        await self.store.catalogue.add_series(new)
        await self.add_architecture("amd64", "trixie")
        job = await self.job(series="trixie", archive="other")
        self.assertEqual(self.lines(job), list(lines))
        self.assertNotIn("pw", str(job))

    async def test_primary(self) -> None:
        """A build for the primary archive gets all from there."""
        change = ArchiveChange(url="http://deb", signing_key="a2V5")
        await self.store.catalogue.change_archive("debian", change)
        job = await self.job(pocket=Pocket.PROPOSED)
        self.assertEqual(job.suite, "bookworm-proposed")
        self.assertEqual(
            self.lines(job),
            [
                f"deb http://deb bookworm{suffix} main"
                for suffix in ("", "-security", "-updates", "-proposed")
            ],
        )
        self.assertEqual(job.trusted_keys, ("a2V5",))

    async def test_private(self) -> None:
        """A build for a private archive is told its secret, and nobody else is."""
        await self.store.catalogue.change_archive(
            "debian", ArchiveChange(url="http://deb")
        )
        await self.add_private()
        job = await self.job(archive="ppa", component="main")
        self.assertEqual(self.lines(job)[0], "deb http://deb bookworm main")
        await self.publish_in_ppa()
        job = (await self.assigned()).job
        self.assertEqual(
            self.lines(job)[0], f"deb http://buildd:{SECRET}@ppa bookworm main"
        )
        self.assertNotIn(SECRET, repr(job))
        self.assertTrue(job.private)
        self.assertFalse(any(file.restricted for file in job.files))
        self.assertTrue(job.debug_symbols)

    async def test_restricted(self) -> None:
        """What of a source is for few people is told apart. Case 90."""
        await self.add_private()
        dsc = await self.add_file("hello_1.dsc", "d", restricted=True)
        tarball = await self.add_file("hello_1.tar.xz")
        job = await self.job(archive="ppa", files=(dsc, tarball))
        self.assertEqual([file.restricted for file in job.files], [True, False])
        self.assertEqual(job.files, (dsc, tarball))
        self.assertFalse(job.chroot.restricted)

    async def add_private(self) -> None:
        """Add a private archive."""
        new = NewArchive(
            name="ppa",
            url="http://ppa",
            private=True,
            secret=Secret(SECRET),
            build_debug_symbols=True,
        )
        await self.store.catalogue.add_archive(new)

    async def publish_in_ppa(self) -> None:
        """Have a package published in the archive."""
        ann = await self.another()
        await self.submit(archive="ppa")
        assignment = await self.run_next(ann)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        package = await self.add_file("hello_1_amd64.deb")
        result = evolve(result, files=(*result.files, package))
        await self.store.builds.record(ann, assignment.attempt, result)
        report = UploadReport(ok=True)
        await self.store.uploads.uploaded(assignment.attempt, report)

    async def test_dependencies(self) -> None:
        """A build gets packages of what its archive depends on, if there are any."""
        await self.store.catalogue.change_archive(
            "debian", ArchiveChange(url="http://deb")
        )
        await self.add_private()
        new = NewArchive(
            name="top", url="http://top", dependencies=(Dependency("ppa"),)
        )
        await self.store.catalogue.add_archive(new)
        await self.publish_in_ppa()
        job = await self.job(archive="top")
        self.assertEqual(
            self.lines(job)[0], f"deb http://buildd:{SECRET}@ppa bookworm main"
        )
        self.assertIn("deb http://deb bookworm main", self.lines(job))

    async def test_purposes(self) -> None:
        """A PPA for real machines is called primary, as the package is known there."""
        for purpose, said in (
            (Purpose.PPA, ("PRIMARY", "universe")),
            (Purpose.COPY, ("COPY", "main")),
        ):
            new = NewArchive(name=purpose.value, purpose=purpose)
            await self.store.catalogue.add_archive(new)
            lease = await self.another(f"for-{purpose.value}")
            await self.submit(archive=purpose.value)
            job = (await self.claimed(lease)).job
            self.assertEqual((job.purpose, job.component), said)

    async def test_in_primary(self) -> None:
        """Such a package is in the component in which the primary archive has it."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        first = await self.submit(component="contrib")
        same = Source(name=first.source, version="2", hints=("any",), files=())
        await self.store.queue.cancel(first.id)
        job = await self.job(archive="ppa", source=same)
        self.assertEqual((job.purpose, job.component), ("PRIMARY", "contrib"))
