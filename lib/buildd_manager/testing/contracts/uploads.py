"""What is promised of uploads, and of the names of files."""

from attrs import evolve

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import NotFoundError, OvertakenError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildFilter, DepWait
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.sources import Source
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.testing.contracts import farm


class UploadContract(farm.FarmContract):
    """How results are handed over to whoever publishes them."""

    async def landed(self, *files: str, version: str = "1") -> Assignment:
        """Have a build that has produced ``files`` wait to be uploaded."""
        name = f"hello{next(self.numbers)}"
        source = Source(name=name, version=version, hints=("any",), files=())
        assignment = await self.running(source=source)
        await self.store.builds.gathering(self.lease, assignment.attempt)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        more = [await self.add_file(name) for name in files]
        result = evolve(result, files=(*result.files, *more))
        await self.store.builds.record(self.lease, assignment.attempt, result)
        return assignment

    async def published(self, *names: str) -> dict[str, set[str]]:
        """Tell which versions of packages are published."""
        wait = DepWait(
            build=1,
            dependencies=", ".join(names),
            architecture="amd64",
            series="bookworm",
            sees={("debian", Pocket.RELEASE): frozenset({"main"})},
        )
        return dict(await self.store.queue.published(wait, names))

    async def test_uploaded(self) -> None:
        """
        A success waits to be uploaded by the one who has it, and then is built.

        The attempt's number, by which it has landed, leads to its build.
        Cases 106, 107.
        """
        assignment = await self.landed()
        build, attempt = assignment.cookie.build, assignment.attempt
        self.assertIs(await self.state_of(build), BuildState.UPLOADING)
        uploads = self.store.uploads
        self.assertEqual(list(await uploads.pending_uploads(farm.BOB)), [])
        self.assertEqual(
            list(await uploads.pending_uploads(farm.ALICE)),
            [PendingUpload(attempt, build)],
        )
        await uploads.uploaded(attempt, UploadReport(ok=True, output="done"))
        detail = await self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
        self.assertEqual([one.name for one in detail.files], ["hello_1_amd64.changes"])
        self.assertEqual(detail.upload_output, "done")
        self.assertEqual(list(await uploads.pending_uploads(farm.ALICE)), [])
        with self.assertRaises(OvertakenError):
            await uploads.uploaded(attempt, UploadReport(ok=False))

    async def test_oldest_first(self) -> None:
        """What has waited longest is uploaded first."""
        attempts = [(await self.landed()).attempt for _ in range(3)]
        waiting = await self.store.uploads.pending_uploads(farm.ALICE)
        self.assertEqual([one.attempt for one in waiting], attempts)

    async def test_failed(self) -> None:
        """A failed upload is a failure of its own, with what was printed. Case 107."""
        assignment = await self.landed("hello_1_amd64.deb")
        report = UploadReport(ok=False, output="no space")
        await self.store.uploads.uploaded(assignment.attempt, report)
        detail = await self.detail(assignment.cookie.build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_UPLOAD)
        self.assertEqual(detail.upload_output, "no space")
        self.assertEqual(await self.published("hello"), {})

    async def test_published(self) -> None:
        """The packages of what is uploaded are published from then on."""
        assignment = await self.landed(
            "hello_1.5_amd64.deb", "hello-doc_2.0_all.deb", version="3:1.5"
        )
        names = ("hello", "hello-doc")
        self.assertEqual(await self.published(*names), {})
        await self.store.uploads.uploaded(assignment.attempt, UploadReport(ok=True))
        self.assertEqual(
            await self.published(*names), {"hello": {"3:1.5"}, "hello-doc": {"2.0"}}
        )

    async def test_published_before(self) -> None:
        """What is published already may be published again."""
        for _ in range(2):
            assignment = await self.landed("hello_1_amd64.deb")
            report = UploadReport(ok=True)
            await self.store.uploads.uploaded(assignment.attempt, report)
        self.assertEqual(await self.published("hello"), {"hello": {"1"}})

    async def test_nothing_to_upload(self) -> None:
        """What is built or gathered, or has failed, is not uploaded. Case 107."""
        assignment = await self.running()
        await self.not_uploaded(assignment.attempt, BuildState.BUILDING)
        await self.store.builds.gathering(self.lease, assignment.attempt)
        await self.not_uploaded(assignment.attempt, BuildState.GATHERING)
        failed = await self.result(BuildState.CHROOT_WAIT, Verdict.CHROOTFAIL)
        await self.store.builds.record(self.lease, assignment.attempt, failed)
        await self.not_uploaded(assignment.attempt, BuildState.CHROOT_WAIT)

    async def not_uploaded(self, attempt: int, state: BuildState) -> None:
        """Check that a build is left in its state."""
        uploads = self.store.uploads
        self.assertEqual(list(await uploads.pending_uploads(farm.ALICE)), [])
        with self.assertRaises(OvertakenError):
            await uploads.uploaded(attempt, UploadReport(ok=True))
        (build,) = await self.store.queue.builds(BuildFilter(), None, 9)
        self.assertIs(build.state, state)


class FileContract(farm.FarmContract):
    """How files have names."""

    async def test_files(self) -> None:
        """A file is found by its alias; one content may have several names."""
        one, two = await self.add_file("one"), await self.add_file("two")
        self.assertNotEqual(one.alias, two.alias)
        self.assertEqual(await self.store.files.find_file(one.alias), one)
        self.assertEqual(await self.store.files.find_file(two.alias), two)

    async def test_restricted(self) -> None:
        """A file may be for few people, unless everybody has it already. Case 90."""
        files = [await self.add_file("a", "b", restricted=True) for _ in range(2)]
        files += [await self.add_file("a", "b", restricted=x) for x in (False, True)]
        told = [file.restricted for file in files]
        self.assertEqual(told, [True, True, False, False])
        for file in files:
            self.assertEqual(await self.store.files.find_file(file.alias), file)

    async def test_unknown(self) -> None:
        """A file that does not exist is named."""
        for alias in (10**18, 2**70):
            with self.assertRaises(NotFoundError) as caught:
                await self.store.files.find_file(alias)
            self.assertEqual(caught.exception.field, "file")
