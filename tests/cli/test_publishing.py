"""What others have published, from the command line."""

import gzip
import lzma
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.cli.times import duration
from tests.cli.support import CliCase, Said


INDEX = """\
Package: libfoo1
Source: foo (2.0-3)
Version: 1:2.0-3
Installed-Size: 12
Architecture: amd64
Description: a library
 Package: not this one

Package: foo-doc
Architecture: all
Version: 2.0-3
"""


class PublishTests(CliCase):
    """``buildd-manager archive publish``."""

    def index(self, name: str, content: bytes) -> Path:
        """Write a file called Packages."""
        path = self.state / name
        path.write_bytes(content)
        return path

    async def publish(self, *words: str | Path) -> Said:
        """Say what is published in the primary archive."""
        command = ("archive", "publish", "debian", "--series", "bookworm")
        return await self.say(*command, *words)

    async def bad(self, field: str, *words: str | Path, status: int = 2) -> None:
        """Check that nothing is published."""
        self.check_line(await self.publish(*words), status, field)
        self.assertEqual(self.rows.binaries, {})

    def known(self) -> set[tuple[str, str, str]]:
        """Give what is published."""
        return {
            (one.name, one.version, one.architecture)
            for one in self.rows.binaries.values()
        }

    async def test_index(self) -> None:
        """All packages of an index are told, however it is packed."""
        plain = INDEX.encode()
        for name, content in (
            ("Packages", plain),
            ("Packages.gz", gzip.compress(plain)),
            ("Packages.xz", lzma.compress(plain)),
        ):
            self.rows.binaries.clear()
            said = await self.publish(self.index(name, content), "--json")
            self.assertEqual(said.status, 0, said)
            self.assertEqual(said.json, {"told": 2, "news": 2})
            self.assertEqual(
                self.known(),
                {("libfoo1", "1:2.0-3", "amd64"), ("foo-doc", "2.0-3", "all")},
            )

    async def test_large(self) -> None:
        """An index of many packages is told in pieces."""
        stanzas = (
            f"Package: foo{number}\nVersion: 1\nArchitecture: all\n"
            for number in range(4500)
        )
        said = await self.publish(
            self.index("Packages", "\n".join(stanzas).encode()), "--json"
        )
        self.assertEqual(said.json, {"told": 4500, "news": 4500})

    async def test_package(self) -> None:
        """A single package is told by its name, its version and its architecture."""
        words = ("--package", "libbar 1 amd64", "--pocket", "updates")
        said = await self.publish(*words, "--component", "universe")
        self.assertRegex(said.out, r"(?m)^news +1$")
        (known,) = self.rows.binaries.values()
        self.assertEqual((known.pocket.value, known.component), ("updates", "universe"))

    async def test_bad(self) -> None:
        """What is no index, or of no archive, is told in one line."""
        await self.bad("buildd-manager archive publish")
        await self.bad("indices", self.state / "none")
        await self.bad("indices", self.state)
        await self.bad("indices", self.index("Packages.gz", b"no gzip"))
        await self.bad("indices", self.index("Packages.xz", b"no xz"))
        half = gzip.compress(INDEX.encode())[:-9]
        await self.bad("indices", self.index("Packages.gz", half))
        await self.bad("indices", self.index("Packages", b"Package: foo\n"))
        await self.bad("packages", "--package", "foo")
        await self.bad("pocket", "--package", "foo 1 all", "--pocket", "sid")


class DurationTests(SynchronousTestCase):
    """Times as people read them."""

    def test_words(self) -> None:
        """A time is told in one or two words that matter."""
        for seconds, words in (
            (None, ""),
            (0, "0 s"),
            (59.4, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (3600, "1 h"),
            (12_000, "3 h 20 min"),
            (86_400, "1 d"),
            (90_000, "1 d 1 h"),
        ):
            self.assertEqual(duration(seconds), words)

    @given(st.floats(0, 10**9))
    def test_short(self, seconds: float) -> None:
        """No time takes many words."""
        self.assertLessEqual(len(duration(seconds).split()), 4)
