"""What every librarian promises."""

import gzip
import hashlib
from pathlib import Path

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from buildd_manager.domain.errors import BadFileError, LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import IFileIndex, ILibrarian


class LibrarianContract(TestCase):
    """An empty librarian, and the index that it writes to."""

    index: IFileIndex
    librarian: ILibrarian

    async def make_librarian(self) -> ILibrarian:
        """Make an empty librarian on ``self.index``."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Make all that there is."""
        self.librarian = await self.make_librarian()

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        """Make the librarian."""
        return Deferred.fromCoroutine(self.prepare())

    async def keep(
        self, *chunks: bytes, name: str = "x", restricted: bool = False
    ) -> StoredFile:
        """Keep a file that comes in ``chunks``."""
        incoming = self.librarian.receive()
        for chunk in chunks:
            await incoming.write(chunk)
        return await incoming.keep(name, "text/plain", restricted=restricted)

    async def test_kept(self) -> None:
        """A file is kept with its size and sums, and read back."""
        file = await self.keep(b"hello ", b"world")
        self.assertEqual((file.name, file.mimetype, file.size), ("x", "text/plain", 11))
        self.assertEqual(file.sha1, hashlib.sha1(b"hello world").hexdigest())  # noqa: S324
        self.assertEqual(file.sha256, hashlib.sha256(b"hello world").hexdigest())
        self.assertEqual(await self.librarian.read(file, 0, 99), b"hello world")
        self.assertEqual(await self.librarian.read(file, 6, 3), b"wor")
        self.assertEqual(await self.librarian.read(file, 11, 3), b"")

    async def test_empty(self) -> None:
        """A file may be empty."""
        file = await self.keep()
        self.assertEqual(file.size, 0)
        self.assertEqual(await self.librarian.read(file, 0, 1), b"")

    async def test_indexed(self) -> None:
        """Whoever knows the alias finds the file."""
        file = await self.keep(b"x")
        self.assertEqual(await self.index.find_file(file.alias), file)

    async def test_same_content(self) -> None:
        """The same content under two names is two files that both can be read."""
        one, two = await self.keep(b"x", name="one"), await self.keep(b"x", name="two")
        self.assertNotEqual(one.alias, two.alias)
        for file in (one, two):
            self.assertEqual(await self.librarian.read(file, 0, 1), b"x")

    async def test_alias(self) -> None:
        """What is kept may have one more name, without being sent again."""
        one = await self.keep(b"hello", name="one")
        two = await self.librarian.alias(one, "two")
        self.assertEqual(evolve(two, alias=one.alias, name="one"), one)
        self.assertNotEqual(two.alias, one.alias)
        self.assertEqual(await self.index.find_file(two.alias), two)
        self.assertEqual(await self.librarian.read(two, 0, 9), b"hello")

    async def test_restricted_alias(self) -> None:
        """One more name for what is for few people is for them alone, too."""
        one = await self.keep(b"hello", name="one", restricted=True)
        two = await self.librarian.alias(one, "two")
        self.assertTrue(two.restricted)
        self.assertTrue((await self.keep(b"hello", restricted=True)).restricted)

    async def test_compressed(self) -> None:
        """What is gzipped on its way is what gunzip makes the bytes of. Case 105."""
        incoming = self.librarian.receive(compressed=True)
        for chunk in (b"This is ", b"a build ", b"log"):
            await incoming.write(chunk)
        file = await incoming.keep("log-for-1-1.txt.gz", "application/octet-stream")
        data = await self.librarian.read(file, 0, file.size)
        self.assertEqual(gzip.decompress(data), b"This is a build log")
        self.assertEqual(hashlib.sha256(data).hexdigest(), file.sha256)

    async def test_promised_sum(self) -> None:
        """A file with the SHA-1 that was promised is kept."""
        incoming = self.librarian.receive()
        await incoming.write(b"x")
        promised = hashlib.sha1(b"x").hexdigest()  # noqa: S324
        file = await incoming.keep("x", "text/plain", promised)
        self.assertEqual(file.sha1, promised)

    async def test_broken_promise(self) -> None:
        """A file with another SHA-1 is refused, and may be dropped."""
        incoming = self.librarian.receive()
        await incoming.write(b"x")
        with self.assertRaises(BadFileError):
            await incoming.keep("x", "text/plain", "0" * 40)
        await incoming.drop()

    async def test_dropped(self) -> None:
        """What is dropped is gone; what was kept is not, even if dropped then."""
        incoming = self.librarian.receive()
        await incoming.write(b"x")
        file = await incoming.keep("x", "text/plain")
        await incoming.drop()
        self.assertEqual(await self.librarian.read(file, 0, 1), b"x")
        unused = self.librarian.receive()
        await unused.drop()

    async def test_copied(self) -> None:
        """A copy has the name and the bytes."""
        file = await self.keep(b"hello")
        directory = Path(self.mktemp())
        directory.mkdir()
        await self.librarian.copy(file, str(directory))
        self.assertEqual((directory / "x").read_bytes(), b"hello")

    async def test_copied_nowhere(self) -> None:
        """A copy into nowhere, or of nothing, is the librarian's error."""
        file = await self.keep(b"hello")
        with self.assertRaises((LibrarianError, OSError)):
            await self.librarian.copy(file, "/nonexistent")

    async def test_restricted(self) -> None:
        """A file may be for few people, unless everybody has it already. Case 105."""
        secret = await self.keep(b"secret", restricted=True)
        self.assertTrue(secret.restricted)
        self.assertEqual(await self.index.find_file(secret.alias), secret)
        for name, restricted in (("a", True), ("b", False), ("c", True)):
            file = await self.keep(b"x", name=name, restricted=restricted)
            self.assertIs(file.restricted, name == "a")
            self.assertEqual(await self.index.find_file(file.alias), file)

    async def test_admitted(self) -> None:
        """A password opens the one file that it is for, until it is taken back."""
        one = await self.keep(b"one", restricted=True)
        two = await self.keep(b"two", restricted=True)
        first, second = self.librarian.admit(one), self.librarian.admit(one)
        for password in (first, second):
            self.assertTrue(self.librarian.lets_in(one, password.reveal()))
            self.assertFalse(self.librarian.lets_in(two, password.reveal()))
        self.assertFalse(self.librarian.lets_in(one, ""))
        for _ in range(2):
            self.librarian.dismiss(first)
            self.assertFalse(self.librarian.lets_in(one, first.reveal()))
            self.assertTrue(self.librarian.lets_in(one, second.reveal()))

    async def test_address(self) -> None:
        """The address of a file ends in its alias and name."""
        file = await self.keep(b"x")
        url = self.librarian.url_of(file)
        self.assertTrue(url.endswith(f"/{file.alias}/x"))
        self.assertTrue(url.startswith("http://"))
