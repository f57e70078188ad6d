"""What tests of workers do again and again, whatever the worker is."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from buildd_manager.domain.jobs import TAG, instructions
from buildd_manager.domain.reports import (
    Building,
    Report,
    Unasked,
    Verdict,
    Waiting,
)
from buildd_manager.ports import IReceiver, IWorker
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.strategies import JOB


R = TypeVar("R", bound=Report)

COOKIE, OTHER = "2-1-0123456789abcdef", "3-2-fedcba9876543210"

CHROOT = b"a chroot"

DSC = b"""\
Format: 1.0
Source: hello
Binary: hello
Architecture: any
Version: 1
"""

#: More bytes than anything has here.
ROOM = 1 << 20

#: What the worker has to be told to build.
TOLD = instructions(JOB, "build 2")

#: Jobs that are over at once, and that are not over before they are aborted.
QUICK = Plan(seconds=0.0, dying=0.0)
LONG = Plan(seconds=600.0, dying=0.0)


@implementer(IReceiver)
@define
class Kept:
    """Keeps what comes."""

    data: bytearray = field(factory=bytearray)

    def write(self, data: bytes) -> Deferred[None]:
        self.data += data
        return succeed(None)


class WorkerCase(TestCase):
    """
    A worker without a job.

    :cvar ended_by_abort: What it says of a job that was called off.
    :cvar gives_reasons: Whether it says why it has not got a file.
    :cvar knows_logins: Whether it can be told a name and a password.
    """

    ended_by_abort: ClassVar[Report] = Waiting(COOKIE, Verdict.ABORTED)
    gives_reasons: ClassVar[bool] = True
    knows_logins: ClassVar[bool] = True

    worker: IWorker

    async def make_worker(self) -> IWorker:
        """Make a worker that is idle."""
        raise NotImplementedError

    async def arrange(self, plan: Plan) -> None:
        """Have the next job come to what ``plan`` says."""
        raise NotImplementedError

    async def publish(self, content: bytes, password: str = "") -> str:
        """
        Put ``content`` where the worker can get it; give the address.

        :param password: Without this, and the name ``buildd``, there is nothing.
        """
        raise NotImplementedError

    async def withdraw(self, url: str) -> None:
        """Have nothing at ``url`` any more."""
        raise NotImplementedError

    async def restart(self) -> None:
        """Restart the worker."""
        raise NotImplementedError

    async def pause(self) -> None:
        """Let some time go by, in which a worker does something."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Make the worker, and let its next job succeed."""
        self.worker = await self.make_worker()
        await self.arrange(QUICK)

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        """Make the worker."""
        return Deferred.fromCoroutine(self.prepare())

    # --- what is done again and again

    async def give(self, content: bytes) -> str:
        """Make ``content`` present; give its SHA-1."""
        await self.worker.ensure_present(sha1(content), await self.publish(content))
        return sha1(content)

    async def build(
        self, cookie: str = COOKIE, told: Mapping[str, object] = TOLD
    ) -> None:
        """Have it build."""
        chroot, files = await self.give(CHROOT), {"hello_1.dsc": await self.give(DSC)}
        await self.worker.build(cookie, TAG, chroot, files, told)

    async def begin(self, plan: Plan) -> None:
        """Have it build as ``plan`` says."""
        await self.arrange(plan)
        await self.build()

    async def see_compiling(self) -> Building:
        """Wait until the job is at what takes its time."""
        return await self.see(Building, lambda report: b"compiles" in report.tail)

    async def see(self, kind: type[R], true: Callable[[R], object] = bool) -> R:
        """Wait until it reports a ``kind``, of which something is ``true``."""
        seen: Report = Unasked()
        for _ in range(1000):
            seen = await self.worker.status()
            if isinstance(seen, kind) and true(seen):
                return seen
            await self.pause()
        raise AssertionError(f"it never says {kind.__name__}, but {seen}")

    async def stays(self, kind: type[R]) -> R:
        """Make sure that it says nothing but ``kind`` for a good while."""
        for _ in range(5):
            await self.pause()
            self.assertIsInstance(await self.worker.status(), kind)
        return await self.see(kind)

    async def log(self, limit: int = ROOM) -> bytes:
        """Fetch the log, which is not cut."""
        kept = Kept()
        self.assertFalse(await self.worker.fetch_log(kept, limit))
        return bytes(kept.data)

    async def file(self, sha1: str, limit: int = ROOM) -> bytes:
        """Fetch a file."""
        kept = Kept()
        await self.worker.fetch_file(sha1, kept, limit)
        return bytes(kept.data)

    async def refuses(self, kind: type[Exception], asked: Awaitable[object]) -> str:
        """Make sure that it refuses what it is asked; give its words."""
        with self.assertRaises(kind) as raised:
            await asked
        return str(raised.exception)


def sha1(content: bytes) -> str:
    """Give the SHA-1 of ``content``."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def cookie_of(report: Report) -> str | None:
    """Give the name of the job that is reported, if there is one."""
    return getattr(report, "cookie", None)
