"""Series and builders, from the command line."""

from tests.cli.support import CliCase


class SeriesTests(CliCase):
    """``buildd-manager series``."""

    async def test_added(self) -> None:
        """A series has what it was given, and its chroot byte by byte."""
        line = "deb http://deb.debian.org/debian trixie main"
        words = ("--component", "contrib", "--archive-line", line)
        said = await self.say("series", "add", "trixie", *words, "--json")
        self.assertEqual((said.status, said.err), (0, ""))
        self.assertEqual(said.json["archive_lines"], [line])
        said = await self.say("series", "arch-add", "trixie", "amd64")
        self.assertEqual(said.status, 0, said)
        tarball = self.state / "chroot.tar.gz"
        tarball.write_bytes(b"chroot" * 300_000)
        said = await self.say(
            "series", "chroot-set", "trixie", "amd64", tarball, "--json"
        )
        self.assertEqual(said.json["component"], "contrib")
        (arch,) = said.json["arches"]
        self.assertEqual(arch["chroot"]["size"], 1_800_000)
        content = self.librarian.contents[arch["chroot"]["sha256"]]
        self.assertEqual(content, tarball.read_bytes())

    async def test_listed(self) -> None:
        """A list is a table without anything cut off."""
        await self.say("series", "add", "a" * 60)
        said = await self.say("series", "list")
        head, first, second = said.out.splitlines()
        self.assertEqual(head.split(), ["name", "distribution", "component", "arches"])
        self.assertIn("a" * 60, first)
        self.assertIn("amd64 (no chroot)", second)

    async def test_refused(self) -> None:
        """What is bad, there already, or nowhere is refused, and nothing is kept."""
        tarball = self.state / "chroot.tar.gz"
        chroot = ("series", "chroot-set")
        await self.refused(2, "chroot.tar.gz", *chroot, "bookworm", "amd64", tarball)
        tarball.write_bytes(b"x")
        await self.refused(5, "series", *chroot, "sarge", "amd64", tarball)
        await self.refused(5, "arch", *chroot, "bookworm", "m68k", tarball)
        tarball.write_bytes(b"")
        await self.refused(2, "chroot", *chroot, "bookworm", "amd64", tarball)
        await self.refused(2, "series", "series", "add", "Bad/Name")
        await self.refused(6, "series", "series", "add", "bookworm")
        await self.refused(6, "arch", "series", "arch-add", "bookworm", "amd64")
        await self.refused(5, "series", "series", "arch-add", "sarge", "amd64")
        await self.refused(2, "name", "series", "arch-add", "..", "amd64")
        self.assertEqual(self.librarian.contents, {})
        self.assertEqual(len(self.catalogue.rows.series), 1)


class BuilderTests(CliCase):
    """``buildd-manager builder``."""

    async def add(self, *words: str) -> None:
        said = await self.say("builder", "add", *words)
        self.assertEqual(said.status, 0, said)

    async def test_added(self) -> None:
        """A builder has what it was given, and is shown."""
        await self.add(
            "bob",
            "http://bob:8221",
            *("--arch", "amd64", "--arch", "i386"),
            *("--virtualized", "--vm-host", "host", "--manual"),
        )
        ((_, row),) = self.catalogue.rows.builders.items()
        builder = row.value
        self.assertEqual(builder.architectures, ("amd64", "i386"))
        self.assertEqual(
            (builder.virtualized, builder.vm_host, builder.manual), (True, "host", True)
        )
        said = await self.say("builder", "show", "bob", "--json")
        self.assertEqual(said.json["arches"], ["amd64", "i386"])
        said = await self.say("builder", "list")
        self.assertIn("amd64, i386", said.out.splitlines()[1])

    async def test_hostile_notes(self) -> None:
        """What a builder has said does nothing to a terminal."""
        await self.add("bob", "http://bob:8221", "--arch", "amd64")
        ((_, row),) = self.catalogue.rows.builders.items()
        object.__setattr__(row.value, "fail_notes", "\x1b]0;owned\x07\r\n\x9b31m")
        said = await self.say("builder", "show", "bob")
        self.assertIn("\\x1b]0;owned\\x07\\r\\n\\x9b31m", said.out)
        self.assertNotIn("\x1b", said.out)

    async def test_refused(self) -> None:
        """What is bad, there already, or nowhere is refused, and nothing is kept."""
        add, arch = ("builder", "add"), ("--arch", "amd64")
        for url in ("ftp://bob", "bob:8221", "http://", "http://u@bob", "http://b/x"):
            await self.refused(2, "url", *add, "bob", url, *arch)
        await self.refused(2, "builder", *add, "../bob", "http://bob:8221", *arch)
        await self.refused(
            2, "vm-host", *add, "bob", "http://bob:8221", *arch, "--virtualized"
        )
        self.assertEqual(self.catalogue.rows.builders, {})
        await self.add("bob", "http://bob:8221", *arch)
        await self.refused(6, "builder", *add, "bob", "http://bob:8222", *arch)
        await self.refused(6, "url", *add, "alice", "http://bob:8221", *arch)
        await self.refused(5, "builder", "builder", "show", "alice")
        self.assertEqual(len(self.catalogue.rows.builders), 1)
