"""What a big log costs while it is collected."""

import gzip
import subprocess
import sys
from pathlib import Path

from attrs import evolve
from twisted.internet import reactor
from twisted.internet.task import Clock, LoopingCall
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.librarian.disk import DiskLibrarian
from buildd_manager.adapters.threads import Threads
from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.testing.store import memory_store
from buildd_manager.testing.strategies import BUILDER


MIB = 2**20
SIZE = 200 * MIB


def resident() -> int:
    """Tell how many bytes of memory this process has."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS in /proc/self/status")


class BigLogTests(TestCase):
    """A log of 200 MB, from a real socket to a real disk."""

    timeout = 120

    def setUp(self) -> None:
        program = Path(__file__).with_name("big_log.py")
        self.server = subprocess.Popen(
            [sys.executable, str(program), str(SIZE)], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(self.end)
        assert self.server.stdout is not None
        self.port = int(self.server.stdout.readline())

    def end(self) -> None:
        assert self.server.stdout is not None
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()

    async def test_memory(self) -> None:
        """Collecting it takes less than 16 MiB, and keeps every byte."""
        index = memory_store(Clock()).files
        threads = Threads(reactor)  # type: ignore[arg-type]
        librarian = DiskLibrarian(Path(self.mktemp()), index, threads, lambda: "")
        await librarian.prepare()
        builder = evolve(BUILDER, url=f"http://127.0.0.1:{self.port}")
        worker = LaunchpadBuilddWorkers(reactor, Timeouts()).worker_of(builder)
        before, seen = resident(), [0]
        watch = LoopingCall(lambda: seen.append(resident()))
        watch.start(0.02)
        incoming = librarian.receive(compressed=True)
        cut = await worker.fetch_log(incoming, 2 * SIZE)
        log = await incoming.keep("log-for-1-1.txt.gz", "application/octet-stream")
        watch.stop()
        self.assertLess(max(seen) - before, 16 * MIB)
        self.assertFalse(cut)
        path = librarian.path_of(log)
        assert path is not None
        with gzip.open(path) as whole:
            self.assertEqual(sum(map(len, iter(lambda: whole.read(MIB), b""))), SIZE)
