"""Both librarians keep the same promises."""

from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import Clock

from buildd_manager.adapters.librarian.disk import DiskLibrarian
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import StartError
from buildd_manager.ports import ILibrarian
from buildd_manager.testing import librarian_contract
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.store import memory_store
from tests.adapters.patience import failing


class MemoryLibrarianTests(librarian_contract.LibrarianContract):
    """The fake keeps the contract."""

    async def make_librarian(self) -> ILibrarian:
        self.index = memory_store(Clock()).files
        return MemoryLibrarian(self.index)


class DiskLibrarianTests(librarian_contract.LibrarianContract):
    """The real one keeps the contract, and keeps its place tidy."""

    async def make_librarian(self) -> ILibrarian:
        self.index = memory_store(Clock()).files
        self.root = Path(self.mktemp())
        self.disk = self.librarian_at(self.root)
        await self.disk.prepare()
        self.addCleanup(self.check_tidy)
        return self.disk

    def librarian_at(self, root: Path) -> DiskLibrarian:
        threads = Threads(reactor)  # type: ignore[arg-type]
        return DiskLibrarian(root, self.index, threads, lambda: "http://here")

    def check_tidy(self) -> None:
        """Nothing is ever left half-done."""
        self.assertEqual(list((self.root / "incoming").iterdir()), [])

    async def test_object(self) -> None:
        """A file is read-only, below its sum's first digits, under its sum."""
        file = await self.keep(b"x")
        path = self.disk.path_of(file)
        assert path is not None
        sha256 = file.sha256
        self.assertEqual(
            Path(path), self.root / "objects" / sha256[:2] / sha256[2:4] / sha256
        )
        self.assertEqual(Path(path).stat().st_mode & 0o777, 0o444)

    async def test_another_life(self) -> None:
        """Another life finds what was kept, and clears away what was not. Case 52."""
        file = await self.keep(b"x")
        (self.root / "incoming" / "draft").write_bytes(b"half")
        again = self.librarian_at(self.root)
        await again.prepare()
        self.assertEqual(await again.read(file, 0, 1), b"x")

    async def test_nowhere(self) -> None:
        """
        A place that cannot be written to is named before anything is begun.

        Bad input C4.
        """
        (self.root / "file").write_text("")
        for place in (self.root / "file", self.root / "file" / "below"):
            error = await failing(self.librarian_at(place).prepare(), StartError)
            self.assertIn(f"cannot keep files in {place}: ", str(error))
