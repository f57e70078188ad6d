"""Running the operator's commands."""

from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.commands import OUTPUT_LIMIT, Commands
from tests.adapters.patience import failing, pause, until
from tests.adapters.processes import COMMANDS, LONG, children, is_there, python


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
        note = Path(self.mktemp())
        script = f"sleep 600 & echo $$ $! > {note}.new; mv {note}.new {note}; wait"
        clock = Clock()
        running = Commands(reactor, clock).run(["/bin/sh", "-c", script], 600.0)
        await until(note.exists)
        clock.advance(600)
        ended = await running
        self.assertEqual((ended.ok, ended.how), (False, "no end within 600 s"))
        for pid in map(int, note.read_text().split()):
            await until(lambda pid=pid: not is_there(pid))  # type: ignore[misc]
        self.assertEqual(clock.getDelayedCalls(), [])

    async def test_late_output(self) -> None:
        """What a command has printed before its deadline is kept, up to a limit."""
        note = Path(self.mktemp())
        script = f"head -c 200000 /dev/zero | tr '\\0' x; touch {note}; sleep 600"
        clock = Clock()
        running = Commands(reactor, clock).run(["/bin/sh", "-c", script], 600.0)
        await until(note.exists)  # a pipe holds 64 KiB: enough was read by now
        clock.advance(600)
        self.assertEqual((await running).output, "x" * OUTPUT_LIMIT)

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

    async def test_no_input(self) -> None:
        """A command that asks for something is told that there is nobody."""
        ended = await COMMANDS.run(["/bin/sh", "-c", "read x; echo $?"], LONG)
        self.assertEqual(ended.output, "1\n")

    async def test_cancelled(self) -> None:
        """A command that is called off ends, even if it has not quite begun."""
        for seconds in (0.0, 0.1):
            before = children()
            running = COMMANDS.run(["/bin/sleep", "600"], LONG)
            (pid,) = children() - before
            if seconds:
                await pause(seconds)
            running.cancel()
            await failing(running, CancelledError)
            await until(lambda pid=pid: pid not in children())  # type: ignore[misc]
