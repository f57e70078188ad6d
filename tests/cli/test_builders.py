"""Builders, from the command line."""

from typing import Any

from buildd_manager.domain.builders import CleanState
from tests.cli.support import CliCase


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
        ((_, row),) = self.rows.builders.items()
        builder = row.value
        self.assertEqual(builder.architectures, ("amd64", "i386"))
        self.assertEqual(
            (builder.virtualized, builder.vm_host, builder.manual), (True, "host", True)
        )
        said = await self.say("builder", "show", "bob", "--json")
        self.assertEqual(said.json["arches"], ["amd64", "i386"])
        said = await self.say("builder", "list")
        self.assertIn("amd64, i386", said.out.splitlines()[1])

    async def shown(self, name: str = "bob") -> Any:
        """Show a builder to a program."""
        said = await self.say("builder", "show", name, "--json")
        self.assertEqual(said.status, 0, said)
        return said.json

    async def test_changed(self) -> None:
        """What is said of a builder becomes so, and the rest stays as it was."""
        await self.add("bob", "http://bob:8221", "--arch", "amd64", "--resource", "x")
        before = await self.shown()
        words = "--manual --disable --notes fan --arch amd64 --arch i386"
        words += " --resource gpu --resource large --restricted-resource y"
        said = await self.say("builder", "edit", "bob", *words.split(), "--json")
        after = before | {
            "manual": True,
            "ok": False,
            "fail_notes": "fan",
            "arches": ["amd64", "i386"],
            "resources": ["gpu", "large"],
            "restricted_resources": ["y"],
        }
        self.assertEqual((said.status, said.json), (0, after), said)
        words = "--auto --enable --arch amd64 --no-resources --no-restricted-resources"
        said = await self.say("builder", "edit", "bob", *words.split(), "--json")
        before |= {"resources": []}
        self.assertEqual((said.status, said.json), (0, before), said)
        self.assertEqual(await self.shown(), before)

    async def test_reset(self) -> None:
        """Who resets builders says when one of them has been reset."""
        virtual = ("--virtualized", "--vm-host", "h", "--reset-protocol", "2.0")
        resources = ("--resource", "gpu", "--restricted-resource", "large")
        await self.add("v", "http://v", "--arch", "amd64", *virtual, *resources)
        told = await self.shown("v")
        self.assertEqual((told["clean"], told["reset_protocol"]), ("dirty", "2.0"))
        self.assertEqual(told["resources"], ["gpu"])
        self.assertEqual(told["restricted_resources"], ["large"])
        await self.refused(6, "builder", "builder", "set-clean", "v")
        (row,) = self.rows.builders.values()
        self.rows.set_clean(row, CleanState.CLEANING)
        said = await self.say("builder", "set-clean", "v")
        self.assertEqual(said.status, 0, said)
        self.assertEqual((await self.shown("v"))["clean"], "clean")

    async def test_change_refused(self) -> None:
        """What is bad, or nowhere, is refused, and changes nothing."""
        await self.add("bob", "http://bob:8221", "--arch", "amd64")
        before, edit = await self.shown(), ("builder", "edit", "bob")
        await self.refused(2, "notes", *edit, "--manual", "--notes", "fan")
        await self.refused(2, "arch", *edit, "--manual", "--arch", "AMD64")
        await self.refused(2, "resources", *edit, "--resource", "a b")
        await self.refused(5, "builder", "builder", "edit", "alice", "--manual")
        self.assertEqual(await self.shown(), before)

    async def test_hostile_notes(self) -> None:
        """What a builder has said does nothing to a terminal."""
        await self.add("bob", "http://bob:8221", "--arch", "amd64")
        ((_, row),) = self.rows.builders.items()
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
        self.assertEqual(self.rows.builders, {})
        await self.add("bob", "http://bob:8221", *arch)
        await self.refused(6, "builder", *add, "bob", "http://bob:8222", *arch)
        await self.refused(6, "url", *add, "alice", "http://bob:8221", *arch)
        await self.refused(5, "builder", "builder", "show", "alice")
        self.assertEqual(len(self.rows.builders), 1)
