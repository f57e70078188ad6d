"""What junk from a worker costs."""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable
from pathlib import Path

from attrs import define, field, frozen
from twisted.internet.task import LoopingCall
from twisted.trial.unittest import TestCase

from buildd_manager.domain.errors import (
    BadFileError,
    BadReplyError,
    WorkerError,
)
from buildd_manager.ports import IWorker
from buildd_manager.testing.worker_case import Kept
from tests.adapters.patience import failing, pause
from tests.adapters.worker_client import worker_at


MIB = 2**20

#: Seconds that the reactor may be kept from others, and bytes that may be taken.
LONGEST_STALL = 0.25
MOST_MEMORY = 8 * MIB

#: Seconds between two looks at the clock.
TICK = 0.01


@define
class Watch:
    """
    Measures the longest time in which the reactor did nothing else.

    It is this process's own time, of all its threads: what other programs take
    meanwhile on a busy machine is not ours.
    """

    longest: float = 0.0
    _last: float = field(factory=time.process_time)

    def tick(self) -> None:
        """Note that the reactor is there."""
        now = time.process_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now


@frozen
class Cost:
    """What came of junk: an error, seconds of stall, and bytes of memory."""

    error: WorkerError
    stall: float
    memory: int


class JunkTests(TestCase):
    """Workers that send 300 MB of junk, or the worst that is read, by real sockets."""

    timeout = 120

    def setUp(self) -> None:
        words = [sys.executable, "-m", "tests.integration.junk"]
        root = Path(__file__).parent.parent.parent
        self.server = subprocess.Popen(
            words, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(self.end)
        assert self.server.stdout is not None
        self.ports: dict[str, int] = json.loads(self.server.stdout.readline())

    def end(self) -> None:
        self.server.kill()
        self.server.communicate()

    def worker(self, kind: str) -> IWorker:
        """Reach the worker that sends this kind of junk."""
        return worker_at(f"http://127.0.0.1:{self.ports[kind]}")

    async def cost(self, asked: Awaitable[object]) -> Cost:
        """Tell what it costs until ``asked`` has failed."""
        gc.collect()
        before, watch = start_of_memory(), Watch()
        ticking = LoopingCall(watch.tick)
        ticking.start(TICK)
        try:
            error = await failing(asked, WorkerError)
            await pause(2 * TICK)
        finally:
            ticking.stop()
        return Cost(error, watch.longest, memory("VmHWM") - before)

    def check(self, kind: str, cost: Cost) -> None:
        """Make sure that what ``kind`` costs can be borne."""
        self.assertLess(cost.stall, LONGEST_STALL, kind)
        self.assertLess(cost.memory, MOST_MEMORY, kind)

    async def test_calls(self) -> None:
        """A call fails for what it is, and costs next to nothing."""
        for kind in self.ports:
            cost = await self.cost(self.worker(kind).status())
            self.assertIsInstance(cost.error, BadReplyError, kind)
            self.check(kind, cost)

    async def test_files(self) -> None:
        """So does a file, of which there may be more than may be kept."""
        for kind in self.ports:
            fetching = self.worker(kind).fetch_file("a" * 40, Kept(), MIB // 2)
            cost = await self.cost(fetching)
            self.assertIsInstance(cost.error, (BadReplyError, BadFileError), kind)
            self.check(kind, cost)


def start_of_memory() -> int:
    """Forget the most memory that this process has had; tell how much it has."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def memory(kind: str) -> int:
    """Tell how many bytes of a kind of memory this process has."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {kind} in /proc/self/status")
