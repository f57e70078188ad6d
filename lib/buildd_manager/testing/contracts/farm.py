"""A small farm, for all that is promised of stores."""

from itertools import count
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewBuilder, NewSeries
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.queue import BuildDetail, BuildSummary, NewBuild, Submission
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.domain.sources import Source
from buildd_manager.ports import Store


ALICE = "00000000-0000-4000-8000-00000000000a"
BOB = "00000000-0000-4000-8000-00000000000b"

#: Seconds; longer than any test takes.
LONG = 600.0


class FarmContract(TestCase):
    """
    A farm with one series, one builder and nothing to do.

    The series is bookworm of debian, built for amd64 in the archive debian; the
    builder is bob, whom the manager ALICE has leased.
    """

    store: Store
    builder: Builder
    lease: Lease

    async def make_store(self) -> Store:
        """Make an empty store."""
        raise NotImplementedError

    async def let_pass(self, seconds: float) -> None:
        """Bring about that all that was done is ``seconds`` older."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Set the farm up."""
        self.store = await self.make_store()
        self.numbers = count(1)
        await self.store.catalogue.add_series(NewSeries(name="bookworm"))
        await self.add_architecture("amd64")
        self.builder = await self.add_builder("bob")
        await self.store.builds.register(ALICE, "alice", "1")
        await self.store.builds.register(BOB, "bob", "1")
        self.lease = await self.take(ALICE)

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        """Set the farm up."""
        return Deferred.fromCoroutine(self.prepare())

    # --- the farm's furniture

    async def add_file(
        self, name: str, content: str = "a", *, restricted: bool = False
    ) -> StoredFile:
        """Give a content one more name."""
        return await self.store.files.add_file(
            name,
            "application/octet-stream",
            4,
            content * 40,
            content * 64,
            restricted=restricted,
        )

    async def add_architecture(self, name: str, series: str = "bookworm") -> None:
        """Build a series for one more architecture, which has a chroot."""
        await self.store.catalogue.add_architecture(series, name)
        chroot = await self.add_file(f"chroot-{name}.tar.gz")
        await self.store.catalogue.set_chroot(series, name, chroot)

    async def add_builder(self, name: str, **details: Any) -> Builder:
        """Add a builder, for amd64 if nobody says otherwise."""
        details = {"architectures": ("amd64",), **details}
        new = NewBuilder(name=name, url=f"http://{name}:8221", **details)
        return await self.store.catalogue.add_builder(new)

    async def take(self, manager: str, builder: Builder | None = None) -> Lease:
        """Lease what is free, and give the lease of a builder: of bob, or another."""
        number = (builder or self.builder).id
        epochs = await self.store.builds.lease(manager, LONG)
        return Lease(builder=number, owner=manager, epoch=epochs[number], deadline=LONG)

    async def give_back(self, manager: str) -> None:
        """Lease what is free, and give all back that the manager has."""
        epochs = await self.store.builds.lease(manager, LONG)
        await self.store.builds.release(manager, epochs)

    async def another(self, name: str = "ann", **details: Any) -> Lease:
        """Add a builder, and lease it, too."""
        return await self.take(ALICE, await self.add_builder(name, **details))

    # --- builds

    async def submission(self, score: int = 0, **details: Any) -> Submission:
        """Describe a source of a name of its own, with one build for amd64."""
        name = f"hello{next(self.numbers)}"
        submission = Submission(
            source=Source(name=name, version="1", hints=("any",), files=()),
            archive="debian",
            series="bookworm",
            component="main",
            builds=(NewBuild(architecture="amd64"),),
            files=(await self.add_file(f"{name}_1.dsc"),),
            score=score,
        )
        return evolve(submission, **details)

    async def submit(self, score: int = 0, **details: Any) -> BuildSummary:
        """Submit a source that has one build."""
        submission = await self.submission(score, **details)
        (build,) = await self.store.queue.submit(submission)
        return build

    async def make(self, clean: CleanState, lease: Lease | None = None) -> None:
        """Say what the builder is by now, whatever it was."""
        lease = lease or self.lease
        builder, _ = await self.store.builds.look(lease.builder)
        await self.store.builds.set_clean(lease, builder.clean, clean)

    async def claim(self, lease: Lease | None = None) -> Assignment | None:
        """Make the builder clean and claim for it."""
        lease = lease or self.lease
        await self.make(CleanState.CLEAN, lease)
        return await self.store.builds.claim(lease, self.nonce())

    def nonce(self) -> str:
        """Give a nonce that was never given before."""
        return f"{next(self.numbers):016x}"

    async def claimed(self, lease: Lease | None = None) -> Assignment:
        """Claim what surely waits."""
        assignment = await self.claim(lease)
        assert assignment is not None
        return assignment

    async def running(self, **details: Any) -> Assignment:
        """Submit a build and have it run."""
        await self.submit(**details)
        return await self.run_next()

    async def run_next(self, lease: Lease | None = None) -> Assignment:
        """Have what waits run."""
        lease = lease or self.lease
        assignment = await self.claimed(lease)
        await self.store.builds.started(lease, assignment.attempt)
        return assignment

    async def result(self, state: BuildState, verdict: Verdict) -> Result:
        """Make a result with a log, and a file if it is to be uploaded."""
        files: tuple[StoredFile, ...] = ()
        if state is BuildState.UPLOADING:
            files = (await self.add_file("hello_1_amd64.changes", "c"),)
        log = await self.add_file("log-for-1-1.txt.gz", "b")
        return Result(state=state, verdict=verdict, log=log, files=files)

    async def finished(
        self, state: BuildState, verdict: Verdict, **details: Any
    ) -> Assignment:
        """Submit a build, have it run, and record its result."""
        assignment = await self.running(**details)
        result = await self.result(state, verdict)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        return assignment

    async def detail(self, build: int) -> BuildDetail:
        """Read all that there is to see of a build."""
        return await self.store.queue.find_build(build)

    async def state_of(self, build: int) -> BuildState:
        """Read the state of a build."""
        return (await self.detail(build)).summary.state

    async def look(self) -> tuple[Builder, Assignment | None]:
        """Look at the builder."""
        return await self.store.builds.look(self.builder.id)

    async def seen(self) -> Builder:
        """Look at the builder itself."""
        return (await self.look())[0]

    async def assigned(self) -> Assignment:
        """Look at what the builder surely has to do."""
        _, assignment = await self.look()
        assert assignment is not None
        return assignment

    async def look_without_times(self) -> tuple[Builder, Assignment | None]:
        """Look at the builder, but for what is another a moment later."""
        builder, assignment = await self.look()
        if assignment is not None:
            assignment = without_times(assignment)
        return evolve(builder, restless=0.0), assignment

    def ruling(
        self,
        job: JobFate = JobFate.REQUEUE,
        builder: BuilderFate = BuilderFate.DIRTY,
        **details: Any,
    ) -> Ruling:
        """Order something, because a builder was lost."""
        ruling = Ruling(
            job=job,
            builder=builder,
            builder_failures=1,
            job_failures=1,
            cause=Cause.BUILDER_LOST,
            reason="lost",
        )
        return evolve(ruling, **details)


def without_times(assignment: Assignment) -> Assignment:
    """Leave out what is another a moment later."""
    return evolve(assignment, running=0.0, silent=0.0)
