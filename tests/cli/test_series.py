"""Series, from the command line."""

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
        columns = ["name", "distribution", "status", "components", "arches"]
        self.assertEqual(head.split(), columns)
        self.assertIn("a" * 60, first)
        self.assertIn("amd64 (no chroot)", second)

    async def test_whole(self) -> None:
        """A series is all that is said of it."""
        said = await self.say(
            *("series", "add", "noble", "--distribution", "ubuntu"),
            *("--status", "frozen", "--component", "main", "--component", "universe"),
            *("--nominated-arch", "amd64", "--lax", "--json"),
        )
        told = said.json
        self.assertEqual((told["distribution"], told["status"]), ("ubuntu", "frozen"))
        self.assertEqual(told["component"], "main")
        self.assertEqual(told["components"], ["main", "universe"])
        self.assertEqual(told["nominated_arch"], "amd64")
        self.assertIs(told["strict_components"], False)

    async def test_changed(self) -> None:
        """What is said of a series and its architecture becomes so."""
        words = ("--status", "supported", "--nominated-arch", "amd64", "--lax")
        said = await self.say("series", "edit", "bookworm", *words, "--json")
        self.assertEqual(said.status, 0, said)
        limits = ("--wall", "3600", "--silence", "0.5")
        use = ("--disable", "--no-virtualized")
        said = await self.say("series", "arch-edit", "bookworm", "amd64", *use, *limits)
        self.assertEqual(said.status, 0, said)
        told = (await self.say("series", "show", "bookworm", "--json")).json
        (arch,) = told["arches"]
        self.assertEqual(
            (told["status"], told["nominated_arch"]), ("supported", "amd64")
        )
        self.assertEqual((arch["enabled"], arch["virtualized"]), (False, False))
        self.assertEqual((arch["nonvirtualized"], arch["wall"]), (True, 3600.0))
        self.assertEqual(arch["silence"], 0.5)

    async def test_pockets(self) -> None:
        """A pocket has its own chroot, and shows it, until that is taken. Case 96."""
        tarball = self.state / "chroot.tar.gz"
        tarball.write_bytes(b"x")
        where = ("bookworm", "amd64")
        pocket = ("--pocket", "updates")
        said = await self.say("series", "chroot-set", *where, tarball, *pocket)
        self.assertEqual(said.status, 0, said)
        self.assertIn("updates: chroot.tar.gz", said.out)
        said = await self.say("series", "chroot-unset", *where, *pocket, "--json")
        self.assertEqual(said.json["arches"][0]["chroots"], {})
        await self.refused(5, "chroot", "series", "chroot-unset", *where, *pocket)

    async def test_change_refused(self) -> None:
        """What is bad, or nowhere, is refused, and changes nothing."""
        before = await self.say("series", "show", "bookworm")
        edit, arch = ("series", "edit"), ("series", "arch-edit", "bookworm")
        await self.refused(2, "status", *edit, "bookworm", "--lax", "--status", "old")
        words = ("--lax", "--nominated-arch", "arm64")
        await self.refused(5, "nominated-arch", *edit, "bookworm", *words)
        await self.refused(2, "wall", *arch, "amd64", "--disable", "--wall", "-1")
        unset = ("series", "chroot-unset", "bookworm", "amd64")
        await self.refused(2, "pocket", *unset, "--pocket", "x")
        self.assertEqual(await self.say("series", "show", "bookworm"), before)

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
        self.assertEqual(len(self.rows.series), 1)
