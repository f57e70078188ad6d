"""Handing results over to the uploader."""

from pathlib import Path
from stat import S_IFREG

from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from buildd_manager.adapters import uploading
from buildd_manager.adapters.durability import sync_directory
from buildd_manager.adapters.librarian.disk import DiskLibrarian
from buildd_manager.adapters.threads import Threads
from buildd_manager.adapters.uploading import DirectoryUploader
from buildd_manager.domain.errors import LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload
from buildd_manager.ports import ILibrarian
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.store import memory_store
from tests.adapters.patience import failing
from tests.adapters.processes import COMMANDS, LONG, python
from tests.bad_inputs import cases, text_of


THREADS = Threads(reactor)  # type: ignore[arg-type]


class UploadingCase(TestCase):
    """A place for results, and a librarian that has them."""

    def setUp(self) -> None:
        self.place = Path(self.mktemp()).absolute()
        index = memory_store(Clock()).files
        self.librarian: ILibrarian = MemoryLibrarian(index)

    def uploader(self, *argv: str, deadline: float = LONG) -> DirectoryUploader:
        return DirectoryUploader(
            self.place, self.librarian, argv, COMMANDS, deadline, THREADS
        )

    async def file(self, name: str, content: bytes = b"x") -> StoredFile:
        incoming = self.librarian.receive()
        await incoming.write(content)
        return await incoming.keep(name, "text/plain")

    @property
    def directory(self) -> Path:
        """Where attempt 7 lands."""
        return self.place / "incoming" / "7"

    def landed(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}


class LandingTests(UploadingCase):
    """Landing."""

    async def test_landed(self) -> None:
        """Files land together in the directory of the attempt. Case 98."""
        files = [await self.file("a.changes", b"a"), await self.file("b.deb", b"b")]
        await self.uploader().land(7, files)
        self.assertEqual(self.landed(), {"a.changes": b"a", "b.deb": b"b"})
        self.assertEqual(list((self.place / "landing").iterdir()), [])
        self.assertEqual(list(self.directory.parent.iterdir()), [self.directory])

    async def test_all_or_nothing(self) -> None:
        """Until the last file is there, nothing has landed."""
        files = [await self.file("a.changes"), await self.file("b.deb", b"gone")]
        assert isinstance(self.librarian, MemoryLibrarian)
        del self.librarian.contents[files[1].sha256]
        await failing(self.uploader().land(7, files), LibrarianError)
        self.assertFalse(self.directory.exists())

    async def test_landed_again(self) -> None:
        """To land again what has landed changes nothing."""
        files = [await self.file("a.changes", b"a")]
        await self.uploader().land(7, files)
        before = self.directory.stat().st_ino
        await self.uploader().land(7, files)
        self.assertEqual(self.directory.stat().st_ino, before)
        self.assertEqual(list((self.place / "landing").iterdir()), [])

    async def test_landed_otherwise(self) -> None:
        """What was not recorded gives way to what will be."""
        await self.uploader().land(7, [await self.file("a.changes", b"a")])
        await self.uploader().land(7, [await self.file("a.changes", b"b")])
        self.assertEqual(self.landed(), {"a.changes": b"b"})

    async def test_cut_short(self) -> None:
        """What a crash has left half-landed is cleared away."""
        (self.place / "landing" / "7").mkdir(parents=True)
        (self.place / "landing" / "7" / "rubbish").write_bytes(b"x")
        await self.uploader().land(7, [await self.file("a.changes", b"a")])
        self.assertEqual(self.landed(), {"a.changes": b"a"})

    async def test_another_life(self) -> None:
        """Another life clears away what was landed in part, and no more. Case 52."""
        await self.uploader().land(7, [await self.file("a.changes", b"a")])
        (self.place / "landing" / "8").mkdir()
        (self.place / "landing" / "8" / "rubbish").write_bytes(b"x")
        for _ in range(2):
            await self.uploader().prepare()
            self.assertFalse((self.place / "landing").exists())
        self.assertEqual(self.landed(), {"a.changes": b"a"})

    async def test_copies(self) -> None:
        """Whoever changes what has landed does not change what is kept."""
        index = memory_store(Clock()).files
        disk = DiskLibrarian(self.place / "librarian", index, THREADS, lambda: "")
        await disk.prepare()
        self.librarian = disk
        file = await self.file("a.changes", b"unsigned")
        await self.uploader().land(7, [file])
        (self.directory / "a.changes").write_bytes(b"signed")
        self.assertEqual(await disk.read(file, 0, 99), b"unsigned")

    async def test_opaque(self) -> None:
        """What is in a file is nobody's business: it is kept and landed as it is."""
        index = memory_store(Clock()).files
        disk = DiskLibrarian(self.place / "librarian", index, THREADS, lambda: "")
        await disk.prepare()
        self.librarian = disk
        for case in cases("results/opaque"):
            content = case.bytes_of("content")
            file = await self.file("x_1_amd64.deb", content)
            await self.uploader().land(7, [file])
            self.assertEqual(self.landed(), {file.name: content}, str(case))
            kept = Path(disk.path_of(file) or "").lstat().st_mode
            self.assertEqual(kept, S_IFREG | 0o444, str(case))
            landed = (self.directory / file.name).lstat().st_mode
            self.assertEqual(landed & ~0o666, S_IFREG, str(case))

    async def test_durable(self) -> None:
        """Each name is made durable in its directory, the results' before they land."""
        # Nothing but a power cut would show it.
        synced: list[tuple[str, list[str]]] = []

        def sync(directory: Path) -> None:
            names = sorted(path.name for path in directory.iterdir())
            synced.append((directory.name, names))
            sync_directory(directory)

        self.patch(uploading, "sync_directory", sync)
        files = [await self.file("a.changes"), await self.file("b.deb")]
        for _ in range(2):
            synced.clear()
            await self.uploader().land(7, files)
            place, draft, incoming = synced
            self.assertIn("incoming", place[1])
            self.assertEqual(draft, ("7", ["a.changes", "b.deb"]))
            self.assertEqual(incoming, ("incoming", ["7"]))

    async def test_nowhere(self) -> None:
        """A place that cannot be written to is our error, not the build's."""
        self.place.write_text("a file, no directory")
        file = await self.file("a.changes")
        await failing(self.uploader().land(7, [file]), LibrarianError)


class CommandTests(UploadingCase):
    """The uploader's command, on build 42, which has landed as 7."""

    upload = PendingUpload(7, 42)

    async def test_words(self) -> None:
        """The command is told the build and the directory, as in 2005."""
        argv = ("/bin/echo", "-b", "BUILDID", "x-BUILDID")
        report = await self.uploader(*argv).upload(self.upload)
        self.assertTrue(report.ok)
        self.assertEqual(report.output, f"-b 42 x-42 {self.directory}\n")

    async def test_results(self) -> None:
        """In the directory it finds just what has landed."""
        file = await self.file("hello_1~rc1+b1_amd64.changes", b"content")
        script = 'cd "$0" && cat * && ls'
        uploader = self.uploader("/bin/sh", "-c", script)
        await uploader.land(7, [file])
        report = await uploader.upload(self.upload)
        self.assertEqual(report.output, f"content{file.name}\n")

    async def test_no_shell(self) -> None:
        """No shell reads its words, nor the path of the directory."""
        self.place = self.place / 'it\'s; $(id) "a\nplace" *'
        program = "import sys; print(len(sys.argv), *sys.argv[1:], sep='|')"
        report = await self.uploader(*python(program), "$(id)").upload(self.upload)
        self.assertEqual(report.output, f"3|$(id)|{self.directory}\n")

    async def test_bad(self) -> None:
        """Only how it ends makes it a success; a part of what it says is kept."""
        for case in cases("results/uploaders"):
            await self.uploader().land(7, [await self.file("a.changes")])
            argv = python(case["program"])
            uploader = self.uploader(*argv, deadline=case.get("seconds", LONG))
            report = await uploader.upload(self.upload)
            output = text_of(case["output"])
            self.assertEqual(
                (report.ok, report.output), (case["ok"], output), str(case)
            )

    async def test_missing(self) -> None:
        """That there is none of this name is a report, too."""
        report = await self.uploader("/nonexistent/upload").upload(self.upload)
        self.assertFalse(report.ok)
        self.assertIn("/nonexistent/upload", report.output)

    async def test_no_command(self) -> None:
        """Without a command, landing was all."""
        report = await self.uploader().upload(self.upload)
        self.assertTrue(report.ok)
