"""What is promised of what stays written down of sources and builds."""

from buildd_manager.domain.archives import NewArchive
from buildd_manager.domain.audit import Deed, Kind
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.sources import Source
from buildd_manager.testing.contracts.audit import Audited


class BuildAuditContract(Audited):
    """What people do to builds is written down."""

    async def submit_version(self, version: str) -> int:
        """Have ann submit a version of hello; give its build."""
        source = Source(name="hello", version=version, hints=("any",), files=())
        (build,) = await self.queue.submit(await self.submission(source=source))
        return build.id

    async def test_submitted(self) -> None:
        """A source is submitted by somebody, and with it older versions given up."""
        first = await self.submit_version("1")
        running = (await self.run_next()).cookie.build
        self.assertEqual(running, first)
        second = await self.submit_version("2")
        third = await self.submit_version("3")
        deeds = await self.done()
        told = [(one.kind, one.name, one.what) for one in deeds]
        wanted = [
            (Kind.SOURCE, "hello", "submit"),
            (Kind.BUILD, str(first), "supersede"),
            (Kind.SOURCE, "hello", "submit"),
            (Kind.BUILD, str(second), "supersede"),
            (Kind.SOURCE, "hello", "submit"),
        ]
        self.assertEqual(told, wanted)
        self.assertEqual(
            deeds[-1].changes,
            {
                "version": (None, "3"),
                "archive": (None, "debian"),
                "series": (None, "bookworm"),
                "pocket": (None, "release"),
                "component": (None, "main"),
                "urgency": (None, "low"),
                "builds": (None, [third]),
                "supersedes": (None, ["2"]),
            },
        )

    async def test_submitted_with_more(self) -> None:
        """Whoever has wished for a score, or for resources, has said so."""
        submission = await self.submission(9, manual_score=True, resources=("gpu",))
        await self.queue.submit(submission)
        (told,) = await self.done()
        self.assertEqual(told.changes["score"], (None, 9))
        self.assertEqual(told.changes["resources"], (None, ["gpu"]))

    async def test_published(self) -> None:
        """Of what others have published it is told how much was news, by archive."""
        await self.store.catalogue.add_archive(NewArchive(name="a"))
        packages = [
            NewBinary(
                name=name,
                version="1",
                architecture="amd64",
                archive=archive,
                series="bookworm",
                pocket=Pocket.RELEASE,
                component="main",
            )
            for archive, name in (("debian", "x"), ("debian", "y"), ("a", "x"))
        ]
        await self.queue.publish(packages[1:])
        await self.queue.publish(packages)
        await self.queue.publish(packages)
        wanted = [
            Deed(Kind.ARCHIVE, archive, "publish", {"packages": (None, 1)})
            for archive in ("a", "debian", "debian")
        ]
        self.assertEqual(await self.done(), wanted)

    async def test_builds(self) -> None:
        """A build is rescored, cancelled and retried by somebody."""
        build = (await self.submit()).id
        await self.queue.rescore(build, 7)
        await self.queue.rescore(build, None)
        await self.queue.cancel(build)
        await self.queue.retry(build, dry_run=True)
        await self.queue.retry(build)
        await self.run_next()
        await self.queue.cancel(build)
        self.assertEqual(
            await self.done(),
            [
                Deed(Kind.BUILD, str(build), what, changes)
                for what, changes in (
                    ("rescore", {"score": (0, 7), "manual_score": (False, True)}),
                    ("rescore", {"score": (7, 2505), "manual_score": (True, False)}),
                    ("cancel", {"state": ("needs_build", "cancelled")}),
                    ("retry", {"state": ("cancelled", "needs_build")}),
                    ("cancel", {"state": ("building", "cancelling")}),
                )
            ],
        )

    async def test_superseded(self) -> None:
        """A source is given up, and wanted again, by somebody; its builds tell."""
        await self.add_architecture("arm64")
        builds = tuple(NewBuild(architecture=name) for name in ("amd64", "arm64"))
        added = await self.store.queue.submit(await self.submission(builds=builds))
        first, second = (build.id for build in added)
        await self.queue.cancel(first)
        await self.queue.supersede(first)
        await self.queue.retry(second)
        no_more = {"wanted": (True, False)}
        again = {
            "state": ("superseded", "needs_build"),
            "score": (0, 2505),
            "wanted": (False, True),
        }
        self.assertEqual(
            (await self.done())[1:],
            [
                Deed(Kind.BUILD, str(first), "supersede", no_more),
                Deed(Kind.BUILD, str(second), "supersede", no_more),
                Deed(Kind.BUILD, str(second), "retry", again),
            ],
        )

    async def test_ended(self) -> None:
        """What has ended is not told to be given up, unless just that is."""
        failed, verdict = BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL
        assignment = await self.finished(failed, verdict)
        await self.queue.supersede(assignment.cookie.build)
        (told,) = await self.done()
        self.assertEqual(
            (told.name, told.what), (str(assignment.cookie.build), "supersede")
        )
