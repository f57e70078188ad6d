"""The operator's commands: running, resetting, uploading."""

import sys
from pathlib import Path

from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.commands import OUTPUT_LIMIT, Commands
from buildd_manager.adapters.resetting import NoReset, ResetCommand
from buildd_manager.adapters.threads import Threads
from buildd_manager.adapters.uploading import DirectoryUploader
from buildd_manager.domain.errors import CommandError, LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.store import memory_store
from buildd_manager.testing.strategies import BUILDER


COMMANDS = Commands(reactor, reactor)

#: Seconds; only a test that fails waits so long.
LONG = 60.0


def python(program: str) -> list[str]:
    """Make a command of a program."""
    return [sys.executable, "-c", program]


class CommandTests(TestCase):
    """Running a command."""

    async def test_success(self) -> None:
        """A command that exits with 0 has succeeded; both its channels are kept."""
        program = "import sys; print('out'); print('err', file=sys.stderr)"
        ended = await COMMANDS.run(python(program), LONG)
        self.assertTrue(ended.ok)
        self.assertEqual(sorted(ended.output.split()), ["err", "out"])

    async def test_failure(self) -> None:
        """Another exit status is told."""
        ended = await COMMANDS.run(python("raise SystemExit(3)"), LONG)
        self.assertEqual((ended.ok, ended.how), (False, "exit 3"))

    async def test_killed(self) -> None:
        """So is a signal."""
        program = "import os; os.kill(os.getpid(), 9)"
        ended = await COMMANDS.run(python(program), LONG)
        self.assertEqual((ended.ok, ended.how), (False, "signal 9"))

    async def test_missing(self) -> None:
        """A command that does not exist has failed."""
        ended = await COMMANDS.run(["/nonexistent/command"], LONG)
        self.assertFalse(ended.ok)

    async def test_deadline(self) -> None:
        """At the deadline the command ends, and all that it has started."""
        beacon = Path(self.mktemp())
        child = f"import time; time.sleep(2); open({str(beacon)!r}, 'w')"
        program = (
            "import subprocess, sys, time;"
            f"subprocess.Popen([sys.executable, '-c', {child!r}]);"
            "print('begun', flush=True); time.sleep(600)"
        )
        ended = await COMMANDS.run(python(program), 1.0)
        self.assertEqual((ended.ok, ended.how), (False, "no end within 1 s"))
        late: Deferred[None] = Deferred()
        reactor.callLater(2.5, late.callback, None)
        await late
        self.assertFalse(beacon.exists())

    async def test_much_output(self) -> None:
        """Of much output, the beginning is kept, and the command goes on."""
        ended = await COMMANDS.run(python("print('x' * 1000000)"), LONG)
        self.assertTrue(ended.ok)
        self.assertEqual(len(ended.output), OUTPUT_LIMIT)

    async def test_control_characters(self) -> None:
        """Control characters in the output become visible."""
        ended = await COMMANDS.run(python(r"print('\x1b[2J\0')"), LONG)
        self.assertEqual(ended.output, "\\x1b[2J\\x00\n")

    async def test_no_shell(self) -> None:
        """No word is read by a shell."""
        program = "import sys; print(sys.argv[1])"
        ended = await COMMANDS.run([*python(program), "$(id); `id`"], LONG)
        self.assertEqual(ended.output, "$(id); `id`\n")


class ResetTests(TestCase):
    """Making a machine anew."""

    builder = evolve(
        BUILDER, url="http://bob.example:8221", virtualized=True, vm_host="host1"
    )

    async def test_words(self) -> None:
        """The command is told the host and the builder's name, each as one word."""
        note = Path(self.mktemp())
        program = f"import sys; open({str(note)!r}, 'w').write(repr(sys.argv[1:]))"
        argv = [*python(program), "reset %(vm_host)s", "%(buildd_name)s"]
        await ResetCommand(argv, COMMANDS, LONG).reset(self.builder)
        self.assertEqual(note.read_text(), "['reset host1', 'bob']")

    async def test_failure(self) -> None:
        """A failure says what the command has printed."""
        argv = python("print('no such host'); raise SystemExit(1)")
        with self.assertRaises(CommandError) as caught:
            await ResetCommand(argv, COMMANDS, LONG).reset(self.builder)
        self.assertEqual(
            str(caught.exception), "Resuming failed (exit 1):\nno such host\n"
        )

    async def test_no_command(self) -> None:
        """Without a command, the option to set is named."""
        with self.assertRaises(CommandError) as caught:
            await NoReset().reset(self.builder)
        self.assertIn("[reset] command", str(caught.exception))


class UploaderTests(TestCase):
    """Handing results over."""

    def setUp(self) -> None:
        self.place = Path(self.mktemp())
        self.librarian = MemoryLibrarian(memory_store(Clock()).files)

    def uploader(self, *argv: str, deadline: float = LONG) -> DirectoryUploader:
        threads = Threads(reactor)  # type: ignore[arg-type]
        return DirectoryUploader(
            self.place, self.librarian, argv, COMMANDS, deadline, threads
        )

    async def file(self, name: str, content: bytes = b"x") -> StoredFile:
        incoming = self.librarian.receive()
        await incoming.write(content)
        return await incoming.keep(name, "text/plain")

    def landed(self) -> dict[str, bytes]:
        directory = self.place / "incoming" / "7"
        return {path.name: path.read_bytes() for path in directory.iterdir()}

    async def test_landed(self) -> None:
        """Files land together in the directory of the attempt."""
        files = [await self.file("a.changes", b"a"), await self.file("b.deb", b"b")]
        await self.uploader().land(7, files)
        self.assertEqual(self.landed(), {"a.changes": b"a", "b.deb": b"b"})
        self.assertEqual(list((self.place / "landing").iterdir()), [])

    async def test_landed_again(self) -> None:
        """To land again what has landed changes nothing."""
        files = [await self.file("a.changes", b"a")]
        await self.uploader().land(7, files)
        before = (self.place / "incoming" / "7").stat().st_ino
        await self.uploader().land(7, files)
        self.assertEqual((self.place / "incoming" / "7").stat().st_ino, before)
        self.assertEqual(list((self.place / "landing").iterdir()), [])

    async def test_landed_otherwise(self) -> None:
        """What was not recorded gives way to what will be."""
        await self.uploader().land(7, [await self.file("a.changes", b"a")])
        await self.uploader().land(7, [await self.file("a.changes", b"b")])
        self.assertEqual(self.landed(), {"a.changes": b"b"})

    async def test_cut_short(self) -> None:
        """What a crash has left half-landed is cleared away."""
        (self.place / "landing" / "7").mkdir(parents=True)
        (self.place / "landing" / "7" / "rubbish").write_bytes(b"x")
        await self.uploader().land(7, [await self.file("a.changes", b"a")])
        self.assertEqual(self.landed(), {"a.changes": b"a"})

    async def test_nowhere(self) -> None:
        """A place that cannot be written to is our error, not the build's."""
        self.place.write_text("a file, no directory")
        with self.assertRaises(LibrarianError):
            await self.uploader().land(7, [await self.file("a.changes")])

    async def test_command(self) -> None:
        """The command is told the build and the directory, as in 2005."""
        argv = ("/bin/echo", "-b", "BUILDID", "x-BUILDID")
        report = await self.uploader(*argv).upload(PendingUpload(7, 42))
        directory = self.place / "incoming" / "7"
        self.assertTrue(report.ok)
        self.assertEqual(report.output, f"-b 42 x-42 {directory}\n")

    async def test_command_fails(self) -> None:
        """Its failure is a report, with its output and its status."""
        argv = python("print('no room'); raise SystemExit(2)")
        report = await self.uploader(*argv).upload(PendingUpload(7, 42))
        self.assertFalse(report.ok)
        self.assertEqual(report.output, "no room\n\n(exit 2)")

    async def test_command_hangs(self) -> None:
        """So is its silence."""
        argv = python("import time; time.sleep(600)")
        report = await self.uploader(*argv, deadline=0.5).upload(PendingUpload(7, 42))
        self.assertFalse(report.ok)
        self.assertIn("no end within 0.5 s", report.output)

    async def test_no_command(self) -> None:
        """Without a command, landing was all."""
        report = await self.uploader().upload(PendingUpload(7, 42))
        self.assertTrue(report.ok)
