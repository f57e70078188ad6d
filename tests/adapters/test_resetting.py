"""Making the machines of virtual builders anew."""

from pathlib import Path

from attrs import evolve
from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.commands import Commands
from buildd_manager.adapters.resetting import NoReset, ResetCommand
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import CommandError
from buildd_manager.testing.strategies import BUILDER
from tests.adapters.patience import failing, pause, until
from tests.adapters.processes import COMMANDS, LONG, python


BOB = evolve(BUILDER, url="http://bob.example:8221", virtualized=True, vm_host="host1")


class ResetTests(TestCase):
    """Making a machine anew."""

    async def words(self, builder: Builder, *argv: str) -> list[str]:
        """Tell what words a command gets for ``builder``."""
        note = Path(self.mktemp())
        program = f"import sys; open({str(note)!r}, 'w').write('|'.join(sys.argv[1:]))"
        await ResetCommand([*python(program), *argv], COMMANDS, LONG).reset(builder)
        return note.read_text().split("|")

    async def failure(self, *argv: str) -> str:
        """Tell how a command fails."""
        resetting = ResetCommand(argv, COMMANDS, LONG).reset(BOB)
        return str(await failing(resetting, CommandError))

    async def test_real(self) -> None:
        """What is no virtual machine, or nobody knows where, is not reset. Case 75."""
        for builder in (evolve(BOB, virtualized=False), evolve(BOB, vm_host=None)):
            resetting = ResetCommand(["/bin/true"], COMMANDS, LONG).reset(builder)
            error = await failing(resetting, CommandError)
            self.assertEqual(str(error), "bob has no machine to be reset")

    async def test_words(self) -> None:
        """The command is told the host and the builder's name, as words. Case 75."""
        words = await self.words(BOB, "reset %(vm_host)s", "%(buildd_name)s", "%d")
        self.assertEqual(words, ["reset host1", "bob", "%d"])

    async def test_address(self) -> None:
        """Where a builder has no name, a number of its address would be another's."""
        for host in ("10.0.0.5", "::1"):
            url = f"http://{f'[{host}]' if ':' in host else host}:8221"
            words = await self.words(evolve(BOB, url=url), "%(buildd_name)s")
            self.assertEqual(words, [host])

    async def test_hostile(self) -> None:
        """No shell reads what a builder is called."""
        builder = evolve(BOB, url="http://b'$(id)", vm_host="`id`; reboot\n%(x)s")
        words = await self.words(builder, "%(vm_host)s", "%(buildd_name)s", "$HOME")
        self.assertEqual(words, ["`id`; reboot\n%(x)s", "b'$(id)", "$HOME"])

    async def test_failure(self) -> None:
        """A failure says how the command ended, and what it printed. Case 75."""
        rows = [
            ("echo no such host; exit 1", "(exit 1):\nno such host\n"),
            ("echo no such host >&2; kill -9 $$", "(signal 9):\nno such host\n"),
            ("exit 255", "(exit 255):\n"),
        ]
        for script, how in rows:
            why = await self.failure("/bin/sh", "-c", script)
            self.assertEqual(why, f"Resuming failed {how}")

    async def test_deadline(self) -> None:
        """So does a command that does not end, and is killed. Case 75."""
        clock, note = Clock(), Path(self.mktemp())
        argv = ("/bin/sh", "-c", f"echo waiting; touch {note}; sleep 600")
        resetting = ResetCommand(argv, Commands(reactor, clock), 300.0).reset(BOB)
        await until(note.exists)
        await pause(0)  # what it has printed is read
        clock.advance(300)
        why = str(await failing(resetting, CommandError))
        self.assertEqual(why, "Resuming failed (no end within 300 s):\nwaiting\n")

    async def test_missing(self) -> None:
        """And one that does not exist."""
        self.assertIn("/nonexistent/reset", await self.failure("/nonexistent/reset"))

    async def test_no_command(self) -> None:
        """Without a command, the option to set is named."""
        error = await failing(NoReset().reset(BOB), CommandError)
        self.assertEqual(
            str(error), "there is no command to reset bob: set [reset] command"
        )
