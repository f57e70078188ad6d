"""Builds, from the command line: submitted, followed, shown and fetched."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

from buildd_manager.domain.builds import BuildState
from buildd_manager.testing.catalogue import MemoryCatalogue
from buildd_manager.testing.rows import BuildRow
from tests.cli.sources import CONTENT, source_in
from tests.cli.support import CliCase


FIND_BUILD = MemoryCatalogue.find_build


class SubmitTests(CliCase):
    """``buildd-manager submit``."""

    def stored(self) -> int:
        """Count what is kept."""
        return len(self.catalogue.rows.builds) + len(self.librarian.contents)

    async def submit_refused(self, status: int, field: str, dsc: Path) -> None:
        """Check that a submission is refused and nothing of it is kept."""
        await self.refused(status, field, "submit", dsc, "--series", "bookworm")
        self.assertEqual(self.stored(), 0)

    async def test_taken(self) -> None:
        """A source is kept byte by byte, with its score, and waits."""
        dsc = source_in(self.state)
        words = ("submit", dsc, "--series", "bookworm", "--score", "-7")
        said = await self.say(*words)
        self.assertEqual((said.status, said.err), (0, ""))
        self.assertIn("Needs building", said.out)
        (row,) = self.catalogue.rows.builds.values()
        self.assertEqual(row.submission.score, -7)
        kept = [self.librarian.contents[one.sha256] for one in row.submission.files]
        self.assertEqual(kept, [dsc.read_bytes(), CONTENT])

    async def test_missing_file(self) -> None:
        """A file that is listed and not there is named."""
        dsc = source_in(self.state)
        (self.state / "hello_1.tar.xz").unlink()
        await self.submit_refused(2, "hello_1.tar.xz", dsc)

    async def test_mismatch(self) -> None:
        """A file that is not the one listed is named, whatever its size is."""
        for content in (b"other", CONTENT[:-1] + b"x"):
            dsc = source_in(self.state, tar=content)
            await self.submit_refused(2, "hello_1.tar.xz", dsc)

    async def test_bad_dsc(self) -> None:
        """A .dsc that is missing, or is none, is refused."""
        await self.submit_refused(2, "dsc", self.state / "hello_1.dsc")
        await self.submit_refused(2, "dsc", self.state)
        dsc = source_in(self.state, dsc=b"Source: hello\n")
        await self.submit_refused(2, "Version", dsc)
        await self.submit_refused(2, "dsc", source_in(self.state, dsc=b"x" * 2**21))

    async def test_unknown_series(self) -> None:
        """The series must be there."""
        dsc = source_in(self.state)
        await self.refused(5, "series", "submit", dsc, "--series", "sarge")
        self.assertEqual(self.stored(), 0)

    async def test_too_large(self) -> None:
        """What is too large for the manager is refused while it is sent."""
        huge = CONTENT * 4
        dsc = source_in(self.state)
        text = dsc.read_bytes().replace(b"%d " % len(CONTENT), b"%d " % len(huge))
        text = text.replace(digest(CONTENT), digest(huge))
        dsc = source_in(self.state, dsc=text, tar=huge)
        await self.submit_refused(2, "body", dsc)

    async def followed(self, *states: BuildState) -> tuple[int, list[str]]:
        """Submit and wait, while the build goes from state to state."""
        to_come = list(states)

        def look(catalogue: MemoryCatalogue, number: int) -> Any:
            catalogue.rows.builds[number].state = to_come.pop(0)
            return FIND_BUILD(catalogue, number)

        self.patch(MemoryCatalogue, "find_build", look)
        dsc = source_in(self.state)
        said = await self.say("submit", dsc, "--series", "bookworm", "--wait", "--json")
        self.assertEqual(len(said.json["builds"]), 1)
        self.assertEqual(to_come, [])
        return said.status, [line.split(": ")[1] for line in said.err.splitlines()]

    async def test_wait(self) -> None:
        """Each change of state is a line; the end is good if it is fully built."""
        built = BuildState.FULLY_BUILT
        states = (BuildState.NEEDS_BUILD, BuildState.BUILDING, built)
        titles = [state.title for state in states]
        self.assertEqual(await self.followed(*states), (0, titles))

    async def test_wait_in_vain(self) -> None:
        """Any other end is told by the exit status."""
        for state in (BuildState.FAILED_TO_BUILD, BuildState.MANUAL_DEP_WAIT):
            self.assertEqual(await self.followed(state), (10, [state.title]))


class BuildTests(CliCase):
    """``buildd-manager build``."""

    async def prepare(self) -> None:
        await super().prepare()
        self.row = await self.submitted(source_in(self.state))
        self.number = str(self.row.id)

    async def finish(self, row: BuildRow, log: bytes) -> None:
        """Have the build come to an end, with a log and a result."""
        row.state = BuildState.FULLY_BUILT
        row.log = await self.keep("log-for-1-1.txt.gz", gzip.compress(log))
        row.files = (await self.keep("hello_1_amd64.deb", b"deb"),)

    async def test_listed(self) -> None:
        """Builds are listed, newest first."""
        second = await self.submitted(source_in(self.state))
        said = await self.say("build", "list", "--json")
        self.assertEqual([one["id"] for one in said.json], [second.id, self.row.id])
        said = await self.say("build", "list", "--before", str(second.id))
        (_, line) = said.out.splitlines()
        self.assertTrue(line.startswith(f"{self.row.id} "), line)

    async def test_shown(self) -> None:
        """A build is shown with the address of its log and of its files."""
        await self.finish(self.row, b"")
        said = await self.say("build", "show", self.number)
        self.assertEqual(said.status, 0)
        for file in (self.row.log, *self.row.files):
            assert file is not None
            self.assertIn(self.librarian.url_of(file), said.out)
        await self.refused(5, "build", "build", "show", "999")
        await self.refused(2, "build", "build", "show", str(2**63))

    async def test_log(self) -> None:
        """A log is handed on as it is, byte by byte."""
        log = b"\x1b[31mred\x07 \xc3\xbc\n" * 50_000
        await self.finish(self.row, log)
        said = await self.say("build", "log", self.number)
        self.assertEqual(said.out.encode(), log)
        said = await self.say("build", "log", self.number, "--json")
        self.assertEqual(said.json["log"], log.decode())
        await self.refused(5, "build", "build", "log", "999")

    async def test_log_on_a_terminal(self) -> None:
        """A terminal obeys nothing that is in a log."""
        await self.finish(self.row, b"\x1b[31mred\x07 \xc3\xbc\n" * 20_000)
        shown = await self.show("build", "log", self.number)
        self.assertEqual(shown.count(b"\\x1b[31mred\\x07 \xc3\xbc\r\n"), 20_000)
        self.assertNotIn(b"\x1b", shown)

    async def test_table_on_a_terminal(self) -> None:
        """A table has colours, unless somebody wants none."""
        await self.finish(self.row, b"")
        shown = await self.show("build", "list")
        self.assertIn(b"\x1b[32mFully built", shown)
        shown = await self.show("build", "list", NO_COLOR="1")
        self.assertIn(b"Fully built", shown)
        self.assertNotIn(b"\x1b[3", shown)

    async def test_no_reader(self) -> None:
        """Whoever has read enough of a log is not bothered."""
        await self.finish(self.row, b"line\n" * 500_000)
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
        await self.finish(self.row, b"")
        to = self.state / "new" / "results"
        said = await self.say("build", "files", self.number, "--to", to)
        self.assertEqual(said.status, 0, said)
        self.assertEqual([one.name for one in to.iterdir()], ["hello_1_amd64.deb"])
        self.assertEqual((to / "hello_1_amd64.deb").read_bytes(), b"deb")
        self.assertEqual(self.heard, [None])
        (to / "hello_1_amd64.deb").write_bytes(b"mine")
        await self.refused(6, "to", "build", "files", self.number, "--to", to)
        self.assertEqual((to / "hello_1_amd64.deb").read_bytes(), b"mine")

    async def test_bad_files(self) -> None:
        """What is not what was promised, or has a bad name, is not kept."""
        to = self.state / "results"
        words = ("build", "files", self.number, "--to", to)
        await self.finish(self.row, b"")
        (file,) = self.row.files
        self.librarian.contents[file.sha256] = b"dev"
        await self.refused(2, file.name, *words)
        self.librarian.contents[file.sha256] = b"debris" * 1000
        await self.refused(3, "manager", *words)
        self.row.files = (await self.keep("../../hello", b"deb"),)
        await self.refused(2, "file name", *words)
        self.assertEqual(list(to.iterdir()), [])
        to.rmdir()
        to.write_text("a file")
        await self.refused(2, "to", *words)


def digest(content: bytes) -> bytes:
    """Sum ``content``."""
    return hashlib.sha256(content).hexdigest().encode()
