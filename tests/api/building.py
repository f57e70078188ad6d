"""Builds that run and end, in the farm that is asked."""

from typing import Any

from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewBuilder
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from tests.api.support import DSC, ApiCase, tar_of


MANAGER = "00000000-0000-4000-8000-00000000000a"


class BuildCase(ApiCase):
    """A farm with one builder, bob, who does what the test says."""

    async def prepare(self) -> None:
        await super().prepare()
        chroot = await self.stored(b"chroot", "chroot.tar.gz")
        await self.store.catalogue.set_chroot("bookworm", "amd64", chroot)
        new = NewBuilder(name="bob", url="http://bob:8221", architectures=("amd64",))
        builder = await self.store.catalogue.add_builder(new)
        await self.store.builds.register(MANAGER, "alice", "1")
        epochs = await self.store.builds.lease(MANAGER, 600)
        self.lease = Lease(
            builder=builder.id, owner=MANAGER, epoch=epochs[builder.id], deadline=600
        )
        self.nonces = 0

    async def stored(
        self, content: bytes, name: str, *, restricted: bool = False
    ) -> StoredFile:
        """Keep a file."""
        incoming = self.librarian.receive()
        await incoming.write(content)
        kind = "application/octet-stream"
        return await incoming.keep(name, kind, restricted=restricted)

    async def submit(self, **words: Any) -> int:
        """Submit a source; give the number of its build."""
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        query = "".join(f"&{name}={value}" for name, value in words.items())
        code, told = await self.ask("POST", f"sources?series=bookworm{query}", body)
        self.assertEqual(code, 201, told)
        return int(told["builds"][0]["id"])

    async def run_next(self) -> Assignment:
        """Have bob build what waits."""
        self.nonces += 1
        builds = self.store.builds
        await builds.set_clean(self.lease, CleanState.DIRTY, CleanState.CLEAN)
        assignment = await builds.claim(self.lease, f"{self.nonces:016x}")
        assert assignment is not None
        await builds.started(self.lease, assignment.attempt)
        return assignment

    async def end(
        self,
        assignment: Assignment,
        state: BuildState,
        log: bytes = b"log",
        **details: Any,
    ) -> int:
        """Have a build end; give its number."""
        ended = BuildState.UPLOADING
        result = Result(
            state=state,
            verdict=Verdict.OK if state is ended else Verdict.PACKAGEFAIL,
            log=await self.stored(log, "log.txt.gz"),
            **details,
        )
        await self.store.builds.record(self.lease, assignment.attempt, result)
        return assignment.cookie.build

    async def failed(self, cause: Cause = Cause.PACKAGE, **words: Any) -> int:
        """Have a build fail."""
        await self.submit(**words)
        running = await self.run_next()
        return await self.end(running, BuildState.FAILED_TO_BUILD, cause=cause)
