"""Who has changed what, from the command line."""

from buildd_manager.domain.audit import Kind
from tests.cli.support import CliCase


class AuditTests(CliCase):
    """``buildd-manager audit``."""

    async def test_shown(self) -> None:
        """It is told who has changed what, from what to what."""
        await self.say("builder", "add", "bob", "http://bob:8221", "--arch", "amd64")
        words = ("--disable", "--notes", "new fan")
        await self.say("builder", "edit", "bob", *words)
        said = await self.say("audit", "--builder", "bob")
        self.assertEqual((said.status, said.err), (0, ""), said)
        _, edited, added = said.out.splitlines()
        self.assertRegex(edited, r" operator +builder +bob +edit +ok: yes -> no, ")
        self.assertRegex(edited, r", fail_notes: new fan$")
        self.assertRegex(added, r" add +url: http://bob:8221, arches: amd64, ")
        await self.say("builder", "edit", "bob", "--enable")
        said = await self.say("audit", "--limit", "1")
        self.assertIn("fail_notes: new fan -> nothing", said.out)

    async def test_asked(self) -> None:
        """One asks of everything of a kind, or of what one thing is called."""
        await self.say("archive", "edit", "debian", "--score", "5")
        (entry,) = (await self.say("audit", "--limit", "1", "--json")).json
        self.assertEqual(entry["changes"], {"score": {"from": 0, "to": 5}})
        words = ("--before", str(entry["id"]), "--limit", "1", "--json")
        (older,) = (await self.say("audit", *words)).json
        self.assertLess(older["id"], entry["id"])
        for kind in Kind:
            said = await self.say("audit", f"--{kind.value}", "7", "--json")
            self.assertEqual((said.status, said.json), (0, []), said)
        await self.refused(
            2, "buildd-manager audit", "audit", "--build=1", "--series=x"
        )
