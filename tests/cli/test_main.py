"""How the command line finds the manager, and how it is misused."""

from tests.api.support import TOKEN
from tests.cli.support import SCRIPT, CliCase


class FindingTests(CliCase):
    """Which manager is talked to."""

    async def test_state(self) -> None:
        """The manager is found by its state directory, told or in the environment."""
        found = ["bookworm"]
        said = await self.say("series", "list", "--json")
        self.assertEqual([one["name"] for one in said.json], found)
        said = await self.run_command(
            "series", "list", "--json", BUILDD_MANAGER_STATE=str(self.state)
        )
        self.assertEqual([one["name"] for one in said.json], found)

    async def test_url(self) -> None:
        """The manager is found by its address, with a file that has its token."""
        token = self.state / "api.token"
        words = ("--url", f"{self.url}/", "--token-file", token, "series", "list")
        said = await self.run_command(*words)
        self.assertEqual(said.status, 0, said)

    async def test_no_manager(self) -> None:
        """Where no manager runs, none is found."""
        (self.state / "api.json").unlink()
        await self.refused(3, "state", "series", "list")
        (self.state / "api.json").write_text("[]")
        await self.refused(3, "state", "series", "list")

    async def test_unreachable(self) -> None:
        """A manager that has ended does not answer."""
        self.announce("http://127.0.0.1:9")
        said = await self.refused(3, "manager", "builder", "list")
        self.assertIn("http://127.0.0.1:9", said.err)

    async def test_another_program(self) -> None:
        """What answers there may not be a manager."""
        self.announce(self.files_url)
        await self.refused(3, "manager", "builder", "list")

    async def test_no_address(self) -> None:
        """An address is http(s), and nothing else."""
        self.announce("file:///etc/passwd")
        await self.refused(2, "--url", "builder", "list")

    async def test_token(self) -> None:
        """A token that is wrong, or cannot be read, is nobody's."""
        token = self.state / "api.token"
        token.write_text("another\n")
        await self.refused(4, "token", "builder", "list")
        for text in ("", "a\nb", "ü"):
            token.write_text(text)
            await self.refused(4, "token", "builder", "list")
        token.unlink()
        await self.refused(4, "token", "builder", "list")

    async def test_no_leak(self) -> None:
        """The token of the manager that lives here is not told to another."""
        await self.refused(2, "--url", "--url", self.files_url, "builder", "list")
        self.assertEqual(self.heard, [])


class MisuseTests(CliCase):
    """Commands that nobody understands."""

    async def test_usage(self) -> None:
        """What is misspelt, missing or of another kind is named, in one line."""
        rows = [
            (("sumbit",), "buildd-manager"),
            (("builder",), "buildd-manager builder"),
            (("builder", "add", "bob"), "URL"),
            (("builder", "add", "bob", "http://bob"), "--arch"),
            (("builder", "list", "--jsn"), "buildd-manager builder list"),
            (("build", "show", "x"), "NUMBER"),
            (("submit", "x.dsc"), "--series"),
        ]
        for words, field in rows:
            said = await self.run_command(*words)
            self.check_line(said, 2, field)

    async def test_help(self) -> None:
        """Help and version are told without a manager."""
        for words in (("--help",), ("submit", "-h"), ("--version",)):
            said = await self.run_command(*words, BUILDD_MANAGER_STATE="/nonexistent")
            self.assertEqual((said.status, said.err), (0, ""))

    async def test_light(self) -> None:
        """For help nothing is imported that takes long."""
        script = "import sys; from buildd_manager.cli.main import program; "
        script += "print([m for m in ('twisted', 'treq', 'rich') if m in sys.modules])"
        self.assertEqual((await self.run_script(script)).out, "[]\n")

    async def test_bug(self) -> None:
        """A bug is one line, too; those who mend it may see where it is."""
        script = f"import buildd_manager.cli.series as s; s.show_table = None; {SCRIPT}"
        words = ("--state", self.state, "series", "list")
        said = await self.run_script(script, *words)
        self.check_line(said, 1, "bug")
        self.assertNotIn(TOKEN, said.err)
        said = await self.run_script(script, *words, BUILDD_MANAGER_TRACEBACK="1")
        self.assertIn("Traceback", said.err)
