"""Sources, submitted and followed from the command line."""

import hashlib
from pathlib import Path
from typing import Any

from buildd_manager.domain.archives import NewArchive
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.scores import Urgency
from buildd_manager.testing.queue import MemoryQueue
from tests.cli.sources import CONTENT, source_in
from tests.cli.support import CliCase


FIND_BUILD = MemoryQueue.find_build


class SubmitTests(CliCase):
    """``buildd-manager submit``."""

    def stored(self) -> int:
        """Count what is kept."""
        return len(self.rows.builds) + len(self.librarian.contents)

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
        (row,) = self.rows.builds.values()
        self.assertEqual((row.score, row.manual_score), (-7, True))
        kept = [self.librarian.contents[one.sha256] for one in row.source.files]
        self.assertEqual(kept, [dsc.read_bytes(), CONTENT])

    async def test_where_to(self) -> None:
        """A source goes where it is wanted to go, and says what it needs."""
        await self.store.catalogue.add_archive(NewArchive(name="ppa"))
        where = ("--archive", "ppa", "--pocket", "proposed", "--component", "main")
        needs = ("--urgency", "high", "--resource", "gpu", "--resource", "large")
        words = ("submit", source_in(self.state), "--series", "bookworm")
        said = await self.say(*words, *where, *needs)
        self.assertEqual((said.status, said.err), (0, ""))
        (row,) = self.rows.builds.values()
        self.assertEqual(row.source.archive, "ppa")
        self.assertEqual(row.source.pocket, Pocket.PROPOSED)
        self.assertEqual(row.source.urgency, Urgency.HIGH)
        self.assertEqual(row.resources, ("gpu", "large"))
        self.assertEqual((row.score, row.manual_score), (4015, False))

    async def test_nowhere(self) -> None:
        """Where nothing is built, the field is named, and nothing is kept."""
        words = ("submit", source_in(self.state), "--series", "bookworm")
        for option, value, status, field in (
            ("--archive", "ppa", 5, "archive"),
            ("--pocket", "security", 2, "pocket"),
            ("--resource", "a b", 2, "resource"),
            ("--score", "high", 2, "--score"),
        ):
            await self.refused(status, field, *words, option, value)
        self.assertEqual(self.stored(), 0)

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

        def look(queue: MemoryQueue, number: int) -> Any:
            queue.rows.builds[number].state = to_come.pop(0)
            return FIND_BUILD(queue, number)

        self.patch(MemoryQueue, "find_build", look)
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


def digest(content: bytes) -> bytes:
    """Sum ``content``."""
    return hashlib.sha256(content).hexdigest().encode()
