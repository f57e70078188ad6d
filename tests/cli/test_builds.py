"""Builds, from the command line: shown and fetched."""

import gzip

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.domain.uploads import UploadReport
from tests.api.building import BuildCase
from tests.cli.support import CliCase


class BuildTests(CliCase, BuildCase):
    """``buildd-manager build``."""

    async def prepare(self) -> None:
        await super().prepare()
        self.number = str(await self.submit())

    async def finish(self, log: bytes, name: str = "hello_1_amd64.deb") -> StoredFile:
        """Have the build come to an end, with a log; give its result."""
        file = await self.keep(name, b"deb")
        assignment = await self.run_next()
        log = gzip.compress(log)
        await self.end(assignment, BuildState.UPLOADING, log, files=(file,))
        report = UploadReport(ok=True)
        await self.store.uploads.uploaded(assignment.attempt, report)
        return file

    async def test_listed(self) -> None:
        """Builds are listed, newest first."""
        first, second = int(self.number), await self.submit()
        said = await self.say("build", "list", "--json")
        self.assertEqual([one["id"] for one in said.json], [second, first])
        said = await self.say("build", "list", "--before", str(second))
        (_, line) = said.out.splitlines()
        self.assertTrue(line.startswith(f"{first} "), line)

    async def test_chosen(self) -> None:
        """Only those are listed that are meant."""
        await self.end(await self.run_next(), BuildState.CHROOT_WAIT)
        other = await self.submit()
        words = ("--state", "chroot_wait", "--state", "cancelled", "--builder", "bob")
        said = await self.say("build", "list", *words, "--json")
        self.assertEqual([str(one["id"]) for one in said.json], [self.number])
        said = await self.say("build", "list", "--state", "needs_build", "--json")
        self.assertEqual([one["id"] for one in said.json], [other])
        await self.refused(2, "state", "build", "list", "--state", "broken")

    async def test_shown(self) -> None:
        """A build is shown with the address of its log and of its files."""
        file = await self.finish(b"")
        said = await self.say("build", "show", self.number)
        self.assertEqual(said.status, 0)
        detail = await self.store.queue.find_build(int(self.number))
        for one in (detail.log, file):
            assert one is not None
            self.assertIn(self.librarian.url_of(one), said.out)
        self.assertNotIn("starts in", said.out)
        await self.refused(5, "build", "build", "show", "999")
        await self.refused(2, "build", "build", "show", str(2**63))

    async def test_expected(self) -> None:
        """A build is shown with its score, and when it is likely to start and end."""
        said = await self.say("build", "show", self.number)
        self.assertRegex(said.out, r"(?m)^starts in +5 s$")
        self.assertRegex(said.out, r"(?m)^ends in +1 min$")
        self.assertRegex(said.out, r"(?m)^scored .*\+1000 it is in main")
        said = await self.say("build", "show", self.number, "--json")
        self.assertEqual((said.json["starts_in"], said.json["ends_in"]), (5.0, 65.0))

    async def test_old_log(self) -> None:
        """The log of an attempt can be read after the next one has begun."""
        await self.end(
            await self.run_next(), BuildState.CHROOT_WAIT, gzip.compress(b"first")
        )
        await self.store.queue.retry(int(self.number))
        said = await self.say("build", "log", self.number)
        self.assertEqual(said.out, "")
        said = await self.say("build", "log", self.number, "--attempt", "1")
        self.assertEqual(said.out, "first")
        words = ("build", "log", self.number, "--attempt", "2")
        await self.refused(5, "attempt", *words)

    async def test_log(self) -> None:
        """A log is handed on as it is, byte by byte."""
        log = b"\x1b[31mred\x07 \xc3\xbc\n" * 50_000
        await self.finish(log)
        said = await self.say("build", "log", self.number)
        self.assertEqual(said.out.encode(), log)
        said = await self.say("build", "log", self.number, "--json")
        self.assertEqual(said.json["log"], log.decode())
        await self.refused(5, "build", "build", "log", "999")

    async def test_log_on_a_terminal(self) -> None:
        """A terminal obeys nothing that is in a log."""
        await self.finish(b"\x1b[31mred\x07 \xc3\xbc\n" * 20_000)
        shown = await self.show("build", "log", self.number)
        self.assertEqual(shown.count(b"\\x1b[31mred\\x07 \xc3\xbc\r\n"), 20_000)
        self.assertNotIn(b"\x1b", shown)

    async def test_table_on_a_terminal(self) -> None:
        """A table has colours, unless somebody wants none."""
        await self.finish(b"")
        shown = await self.show("build", "list")
        self.assertIn(b"\x1b[32mFully built", shown)
        shown = await self.show("build", "list", NO_COLOR="1")
        self.assertIn(b"Fully built", shown)
        self.assertNotIn(b"\x1b[3", shown)

    async def test_no_reader(self) -> None:
        """Whoever has read enough of a log is not bothered."""
        await self.finish(b"line\n" * 500_000)
        script = (
            "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c',"
            " 'from buildd_manager.cli.main import main; main()', *sys.argv[1:]],"
            " stdout=-1, stderr=-1); child.stdout.read(5); child.stdout.close();"
            " print(child.wait(), child.stderr.read())"
        )
        words = ("--state", self.state, "build", "log", self.number)
        said = await self.run_script(script, *words)
        self.assertEqual(said.out, "0 b''\n", said)

    async def test_files(self) -> None:
        """Results are fetched into a directory, from where they are."""
        await self.finish(b"")
        to = self.state / "new" / "results"
        said = await self.say("build", "files", self.number, "--to", to)
        self.assertEqual(said.status, 0, said)
        self.assertEqual([one.name for one in to.iterdir()], ["hello_1_amd64.deb"])
        self.assertEqual((to / "hello_1_amd64.deb").read_bytes(), b"deb")
        self.assertEqual(self.heard, [None])
        (to / "hello_1_amd64.deb").write_bytes(b"mine")
        await self.refused(6, "to", "build", "files", self.number, "--to", to)
        self.assertEqual((to / "hello_1_amd64.deb").read_bytes(), b"mine")

    async def test_private_files(self) -> None:
        """What is for few people comes from the manager itself."""
        file = await self.stored(b"deb", "a_1_amd64.deb", restricted=True)
        assignment = await self.run_next()
        log = await self.stored(b"", "log.gz", restricted=True)
        state = BuildState.UPLOADING
        result = Result(state=state, verdict=Verdict.OK, log=log, files=(file,))
        builds = self.store.builds
        await builds.record(self.lease, assignment.attempt, result)
        to = self.state / "results"
        said = await self.say("build", "files", self.number, "--to", to)
        self.assertEqual(said.status, 0, said)
        self.assertEqual((to / file.name).read_bytes(), b"deb")
        self.assertEqual(self.heard, [])
        said = await self.say("build", "show", self.number)
        self.assertRegex(said.out, rf"(?m)^files +{file.name}$")

    async def test_bad_files(self) -> None:
        """What is not what was promised, or has a bad name, is not kept."""
        to = self.state / "results"
        words = ("build", "files", self.number, "--to", to)
        file = await self.finish(b"")
        self.librarian.contents[file.sha256] = b"dev"
        await self.refused(2, file.name, *words)
        self.librarian.contents[file.sha256] = b"debris" * 1000
        await self.refused(3, "manager", *words)
        self.number = str(await self.submit())
        await self.finish(b"", "../../hello")
        words = ("build", "files", self.number, "--to", to)
        await self.refused(2, "file name", *words)
        self.assertEqual(list(to.iterdir()), [])
        to.rmdir()
        to.write_text("a file")
        await self.refused(2, "to", *words)
