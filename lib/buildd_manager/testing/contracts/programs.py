"""What everybody promises who hands results over, or makes machines anew."""

from collections.abc import Mapping

from attrs import evolve
from twisted.trial.unittest import TestCase

from buildd_manager.domain.errors import CommandError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload
from buildd_manager.ports import ILibrarian, IResetter, IUploader
from buildd_manager.testing.strategies import BUILDER


VIRTUAL = evolve(BUILDER, virtualized=True, vm_host="host1")


class UploaderContract(TestCase):
    """
    An uploader whose uploads succeed or not, as it is told.

    :ivar librarian: From where it gets what is to land.
    """

    librarian: ILibrarian

    def uploader(self, *, succeeds: bool) -> IUploader:
        """Make one, which sees what others of it have landed."""
        raise NotImplementedError

    def landed(self, attempt: int) -> Mapping[str, str]:
        """Give the SHA-256 of each file that has landed, by its name."""
        raise NotImplementedError

    async def file(self, name: str, content: bytes) -> StoredFile:
        """Put a file into the librarian."""
        incoming = self.librarian.receive()
        await incoming.write(content)
        return await incoming.keep(name, "application/octet-stream")

    async def test_landed(self) -> None:
        """What has landed is there under the attempt's number, and only that."""
        uploader = self.uploader(succeeds=True)
        files = [await self.file("a.changes", b"a"), await self.file("b.deb", b"b")]
        await uploader.land(7, files)
        await uploader.land(8, files[:1])
        self.assertEqual(self.landed(7), {file.name: file.sha256 for file in files})
        self.assertEqual(list(self.landed(8)), ["a.changes"])

    async def test_again(self) -> None:
        """What lands again takes the place of what has landed before."""
        uploader = self.uploader(succeeds=True)
        await uploader.land(7, [await self.file("a.changes", b"a")])
        last = await self.file("a.changes", b"b")
        await uploader.land(7, [last])
        self.assertEqual(self.landed(7), {"a.changes": last.sha256})

    async def test_success(self) -> None:
        """An upload that succeeds is reported so, as often as it is done."""
        uploader = self.uploader(succeeds=True)
        await uploader.land(7, [await self.file("a.changes", b"a")])
        for _ in range(2):
            self.assertTrue((await uploader.upload(PendingUpload(7, 42))).ok)

    async def test_failure(self) -> None:
        """One that fails is a report, too, with what was said."""
        uploader = self.uploader(succeeds=False)
        await uploader.land(7, [await self.file("a.changes", b"a")])
        report = await uploader.upload(PendingUpload(7, 42))
        self.assertFalse(report.ok)
        self.assertIn("no room", report.output)


class ResetterContract(TestCase):
    """Somebody who makes machines anew, or cannot."""

    def resetter(self, *, succeeds: bool) -> IResetter:
        """Make one."""
        raise NotImplementedError

    async def test_success(self) -> None:
        """When it is done, it says so."""
        done: list[object] = []
        await self.resetter(succeeds=True).reset(VIRTUAL).addCallback(done.append)
        self.assertEqual(done, [None])

    async def test_failure(self) -> None:
        """When it cannot be done, it is told why."""
        with self.assertRaises(CommandError) as caught:
            await self.resetter(succeeds=False).reset(VIRTUAL)
        self.assertIn("no such machine", str(caught.exception))
