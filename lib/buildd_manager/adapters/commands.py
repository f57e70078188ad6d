"""Run the operator's commands: with a deadline, and with bounded output."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import (
    IDelayedCall,
    IReactorProcess,
    IReactorTime,
)
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure


#: Bytes that are kept of what a command prints.
OUTPUT_LIMIT = 65536

#: What begins a command: a session of its own, and its end, at once, when we are
#: killed. Otherwise the next manager would run it beside the one that goes on.
BOUND = (b"setsid", b"setpriv", b"--pdeathsig", b"KILL", b"--")


@frozen
class Ended:
    """
    How a command ended.

    :ivar ok: Whether it exited with 0, in time.
    :ivar how: In words: ``exit 1``, ``signal 9``, ``no end within 60 s``.
    :ivar output: What it printed on both channels, made readable.
    """

    ok: bool
    how: str
    output: str


@frozen
class Commands:
    """Runs commands, each in a session of its own, so that all of it can be ended."""

    _processes: IReactorProcess
    _clock: IReactorTime

    def run(self, argv: Sequence[str], deadline: float) -> Deferred[Ended]:
        """Run ``argv``, without a shell, for at most ``deadline`` seconds."""
        running = _Running(deadline)
        words = [*BOUND, *(os.fsencode(word) for word in argv)]
        process = self._processes.spawnProcess(running, words[0], words, env=None)
        running.timer = self._clock.callLater(deadline, running.give_up)
        running.pid = process.pid
        return running.ended


class _Running(ProcessProtocol):
    """One command under way."""

    timer: IDelayedCall
    pid: int | None = None

    def __init__(self, deadline: float) -> None:
        self.ended: Deferred[Ended] = Deferred(lambda _: self.give_up())
        self._deadline = deadline
        self._output = bytearray()
        self._late = False

    def connectionMade(self) -> None:
        """Let it ask for nothing: nobody is there to answer."""
        if self.transport is not None:
            self.transport.closeStdin()

    def outReceived(self, data: bytes) -> None:
        self._output += data[: OUTPUT_LIMIT - len(self._output)]

    errReceived = outReceived

    def give_up(self) -> None:
        """End the command and all that it has started, and wait for no more output."""
        self._late = True
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        if self.transport is not None:
            with suppress(ProcessExitedAlready):
                # It may not have a session of its own yet.
                self.transport.signalProcess("KILL")
            self.transport.loseConnection()

    def processEnded(self, reason: Failure) -> None:
        if self.timer.active():
            self.timer.cancel()
        if not self.ended.called:
            self.ended.callback(self._report(reason))

    def _report(self, reason: Failure) -> Ended:
        output = readable(bytes(self._output))
        if self._late:
            how = f"no end within {self._deadline:g} s"
        elif not isinstance(reason.value, ProcessTerminated):
            return Ended(ok=True, how="exit 0", output=output)
        elif reason.value.signal is not None:
            how = f"signal {reason.value.signal}"
        else:
            how = f"exit {reason.value.exitCode}"
        return Ended(ok=False, how=how, output=output)


def readable(output: bytes) -> str:
    """Decode what a command printed; control characters become escapes."""
    text = output.decode("utf-8", "replace")
    return "".join(
        c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text
    )
