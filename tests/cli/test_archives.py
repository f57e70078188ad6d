"""Archives, from the command line."""

from typing import Any

from tests.cli.support import CliCase


SECRET = "open-sesame"


class ArchiveTests(CliCase):
    """``buildd-manager archive``."""

    async def prepare(self) -> None:
        await super().prepare()
        self.secret = self.state / "secret"
        self.secret.write_text(f"{SECRET}\n")

    async def told(self, *words: Any) -> Any:
        """Say something of an archive; give what is told of it."""
        said = await self.say("archive", *words, "--json")
        self.assertEqual((said.status, said.err), (0, ""))
        self.assertNotIn(SECRET, said.out)
        return said.json

    async def test_added(self) -> None:
        """An archive is all that is said of it, and its secret is not shown."""
        key = self.state / "key.asc"
        key.write_bytes(b"\x00key")
        told = await self.told(
            *("add", "stuff", "--url", "https://x/stuff", "--score", "-7"),
            *("--private", "--secret-file", self.secret, "--key-file", key),
            *("--virtualized-only", "--debug-symbols", "--security", "--obsolete"),
            *("--external-line", "deb http://x %(series)s main"),
            *("--external-line", "deb http://y stable main"),
        )
        self.assertEqual((told["purpose"], told["score"]), ("ppa", -7))
        self.assertEqual(len(told["external_lines"]), 2)
        names = ("private", "secret", "signing_key", "require_virtualized")
        for name in (*names, "debug_symbols", "enabled", "security", "obsolete"):
            self.assertIs(told[name], True, name)
        kept = self.rows.archives["stuff"]
        self.assertEqual(kept.secret and kept.secret.reveal(), SECRET)
        self.assertEqual(kept.signing_key, "AGtleQ==")
        said = await self.say("archive", "list")
        head, *lines = said.out.splitlines()
        self.assertIn("distribution", head)
        self.assertEqual([line.split()[0] for line in lines], ["debian", "stuff"])

    async def test_changed(self) -> None:
        """What is said of an archive becomes so, and the rest stays as it was."""
        before = await self.told("add", "ppa", "--external-line", "deb http://x y")
        words = "--disable --url http://ppa --score 500 --virtualized-only"
        words = f"{words} --security --obsolete --debug-symbols"
        said = [*words.split(), "--external-line", "deb http://z y"]
        after = before | {
            "enabled": False,
            "url": "http://ppa",
            "score": 500,
            "require_virtualized": True,
            "security": True,
            "obsolete": True,
            "debug_symbols": True,
            "external_lines": ["deb http://z y"],
        }
        self.assertEqual(await self.told("edit", "ppa", *said), after)
        words = "--enable --score 0 --any-builder --no-security --no-obsolete"
        said = [*words.split(), "--no-debug-symbols", "--no-external-lines"]
        before |= {"url": "http://ppa", "external_lines": []}
        self.assertEqual(await self.told("edit", "ppa", *said), before)
        self.assertEqual(await self.told("show", "ppa"), before)

    async def test_dependencies(self) -> None:
        """An archive depends on another until it does not."""
        await self.told("add", "ppa")
        words = ("--pocket", "updates", "--component", "universe")
        told = await self.told("depend", "ppa", "debian", *words)
        expected = {"archive": "debian", "pocket": "updates", "component": "universe"}
        self.assertEqual(told["depends_on"], [expected])
        said = await self.say("archive", "show", "ppa")
        self.assertIn("debian updates universe", said.out)
        told = await self.told("depend", "ppa", "debian", "--remove")
        self.assertEqual(told["depends_on"], [])
        await self.refused(5, "depends-on", "archive", "depend", "ppa", "x")

    async def test_secret(self) -> None:
        """A secret may come in, or be another from now on; it is never seen."""
        script = (
            "import subprocess, sys; print(subprocess.run([sys.executable, '-c',"
            " 'from buildd_manager.cli.main import main; main()', *sys.argv[1:]],"
            f" input=b'{SECRET}').returncode)"
        )
        words = ("archive", "add", "stuff", "--private", "--secret-file", "-")
        said = await self.run_script(script, "--state", self.state, *words)
        self.assertTrue(said.out.endswith("\n0\n"), said)
        self.assertNotIn(SECRET, said.out)
        self.secret.write_text("close-sesame")
        await self.told("edit", "stuff", "--secret-file", self.secret)
        kept = self.rows.archives["stuff"].secret
        self.assertEqual(kept and kept.reveal(), "close-sesame")

    async def test_refused(self) -> None:
        """What is bad, there already, or nowhere is refused, and not kept."""
        add = ("archive", "add", "ppa")
        for words, status, field in (
            (["--url", "ftp://x"], 2, "url"),
            (["--purpose", "primary"], 6, "purpose"),
            (["--secret-file", self.secret], 2, "secret"),
            (["--private", "--secret-file", self.state / "x"], 2, "--secret-file"),
            (["--score", "high"], 2, "--score"),
        ):
            said = await self.refused(status, field, *add, *words)
            self.assertNotIn(SECRET, said.err)
        await self.refused(5, "archive", "archive", "edit", "ppa", "--disable")
        self.assertEqual(list(self.rows.archives), ["debian"])

    async def test_bad_files(self) -> None:
        """What is no secret, or too large for one or for a key, is not sent."""
        words = ("archive", "edit", "debian")
        self.secret.write_bytes(b"\xff" * 20)
        await self.refused(2, "--secret-file", *words, "--secret-file", self.secret)
        self.secret.write_bytes(b"x" * 2**20)
        for option in ("--secret-file", "--key-file"):
            await self.refused(2, option, *words, option, self.secret)
