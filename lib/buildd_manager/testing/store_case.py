"""What tests of stores do again and again, whatever the store is."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from buildd_manager.domain.architectures import Wanted
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import (
    BuildSummary,
    NewBuilder,
    NewSeries,
    Submission,
)
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.domain.sources import Source
from buildd_manager.ports import Store


ALICE = "00000000-0000-4000-8000-00000000000a"
BOB = "00000000-0000-4000-8000-00000000000b"

#: Seconds; longer than any test takes.
LONG = 600.0


class StoreCase(TestCase):
    """A farm with one series, one builder and nothing to do."""

    store: Store
    builder: Builder
    lease: Lease

    async def make_store(self) -> Store:
        """Make an empty store."""
        raise NotImplementedError

    async def let_leases_end(self) -> None:
        """Bring about that every lease has run out."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Set the farm up."""
        self.store = await self.make_store()
        self._nonces = 0
        catalogue = self.store.catalogue
        await catalogue.add_series(NewSeries(name="bookworm"))
        await catalogue.add_architecture("bookworm", "amd64")
        chroot = await self.add_file("chroot.tar.gz")
        await catalogue.set_chroot("bookworm", "amd64", chroot)
        self.builder = await self.add_builder("bob")
        await self.store.builds.register(ALICE, "alice", "1")
        await self.store.builds.register(BOB, "bob", "1")
        self.lease = await self.take(ALICE)

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        """Set the farm up."""
        return Deferred.fromCoroutine(self.prepare())

    # --- the farm's furniture

    async def add_file(self, name: str, content: str = "a") -> StoredFile:
        """Give a content one more name."""
        return await self.store.files.add_file(
            name, "application/octet-stream", 4, content * 40, content * 64
        )

    async def add_builder(self, name: str, *architectures: str) -> Builder:
        """Add a builder."""
        new = NewBuilder(
            name=name,
            url=f"http://{name}:8221",
            architectures=architectures or ("amd64",),
        )
        return await self.store.catalogue.add_builder(new)

    async def submit(self, score: int = 0, arch: str = "amd64") -> BuildSummary:
        """Submit a source with one build."""
        submission = Submission(
            source=Source(name="hello", version="1", hints=("any",), files=()),
            series="bookworm",
            wanted=(Wanted(arch, arch_indep=False),),
            files=(await self.add_file("hello_1.dsc"),),
            score=score,
        )
        (build,) = await self.store.catalogue.submit(submission)
        return build

    async def take(self, manager: str) -> Lease:
        """Lease what is free, and give the lease of the one builder."""
        epochs = await self.store.builds.lease(manager, LONG)
        return Lease(
            builder=self.builder.id,
            owner=manager,
            epoch=epochs[self.builder.id],
            deadline=LONG,
        )

    async def claim(self, lease: Lease | None = None) -> Assignment | None:
        """Make the builder clean and claim for it."""
        lease = lease or self.lease
        self._nonces += 1
        await self.store.builds.set_clean(lease, CleanState.CLEAN)
        return await self.store.builds.claim(lease, f"{self._nonces:016x}")

    async def claimed(self) -> Assignment:
        """Claim what surely waits."""
        assignment = await self.claim()
        assert assignment is not None
        return assignment

    async def running(self) -> Assignment:
        """Submit a build and have it run."""
        await self.submit()
        assignment = await self.claimed()
        await self.store.builds.started(self.lease, assignment.attempt)
        return assignment

    async def state_of(self, build: int) -> BuildState:
        """Read the state of a build."""
        return (await self.store.catalogue.find_build(build)).summary.state

    async def result(self, state: BuildState, verdict: Verdict) -> Result:
        """Make a result with a log, and a file if it is to be uploaded."""
        files: tuple[StoredFile, ...] = ()
        if state is BuildState.UPLOADING:
            files = (await self.add_file("hello_1_amd64.changes", "c"),)
        log = await self.add_file("log-for-1-1.txt.gz", "b")
        return Result(state=state, verdict=verdict, log=log, files=files)
