"""Run PostgreSQL's programs as children of the reactor."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from buildd_manager.adapters.postgres.accounts import Account
from buildd_manager.adapters.postgres.child import command
from buildd_manager.domain.errors import StartError


#: Lines of its output that are remembered of a program, and bytes of a line.
_LINES, _LINE = 15, 4096

#: Seconds for output that is still on its way when a program has ended.
_DRAIN = 1.0

#: Seconds that a program may take to end before it is told to drop everything.
GOOD_ORDER = 20.0

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Program(ProcessProtocol):
    """
    A program under way.

    :ivar ended: Fires when it has ended, well or not.
    :ivar how: How it ended, in words; empty if well.
    :ivar pid: The process.
    :param tell: Called with every line that it prints.
    """

    pid: int

    def __init__(self, clock: Any, tell: Callable[[str], object]) -> None:
        self.ended: Deferred[None] = Deferred()
        self.how = ""
        self.lines: deque[str] = deque(maxlen=_LINES)
        self._clock = clock
        self._tell = tell
        self._rest = b""

    def signal(self, name: str) -> None:
        """Send it a signal, if it is still there."""
        with suppress(ProcessExitedAlready):
            if self.transport is not None:
                self.transport.signalProcess(name)

    def outReceived(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_LINE:]
        for line in lines:
            self._take(line)

    errReceived = outReceived

    def processExited(self, _reason: Failure) -> None:  # noqa: N802
        """Wait for its output, but not for its children's."""
        drain = self._clock.callLater(_DRAIN, self._hear_no_more)
        self.ended.addCallback(lambda _: drain.active() and drain.cancel())

    def processEnded(self, reason: Failure) -> None:
        if self._rest:
            self._take(self._rest)
        if isinstance(reason.value, ProcessTerminated):
            killed = reason.value.signal
            code = reason.value.exitCode
            self.how = f"signal {killed}" if killed is not None else f"exit {code}"
        self.ended.callback(None)

    def _hear_no_more(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()

    def _take(self, line: bytes) -> None:
        text = line[:_LINE].decode("utf-8", "replace").rstrip()
        self.lines.append(text)
        self._tell(text)


class Programs:
    """
    Starts programs as one user, and ends them all.

    :param clock: A reactor, as it also starts them.
    """

    def __init__(self, clock: Any, account: Account) -> None:
        self._reactor = clock
        self._account = account
        self._running: set[Program] = set()
        self._stopping = False

    def start(
        self,
        path: Path,
        arguments: Sequence[str],
        tell: Callable[[str], object] = lambda _: None,
    ) -> Program:
        """
        Start one; it ends when this process does.

        :raises StartError: If all are to end.
        """
        if self._stopping:
            raise StartError("our own PostgreSQL was stopped before it had started")
        running = Program(self._reactor, tell)
        words = command(self._account.uid, self._account.gid, [str(path), *arguments])
        process = self._reactor.spawnProcess(
            running, words[0], words, env=_ENVIRONMENT, path="/"
        )
        running.pid = process.pid
        self._running.add(running)
        running.ended.addCallback(lambda _: self._running.discard(running))
        return running

    async def stop(self) -> None:
        """End all of them, in good order if that does not take too long."""
        self._stopping = True
        for program in list(self._running):
            await self.end(program)

    async def end(self, program: Program) -> None:
        """End one of them, likewise."""
        program.signal("INT")
        late = self._reactor.callLater(GOOD_ORDER, program.signal, "QUIT")
        await program.ended
        if late.active():
            late.cancel()


def failed(what: str, program: Program, mend: str) -> StartError:
    """Say how a program ended, what it last said, and what to do."""
    said = "\n".join(program.lines)
    return StartError(f"{what} ended with {program.how or 'exit 0'}; {mend}\n{said}")
