"""What is promised of looks at builders, and of names that workers say."""

from attrs import evolve

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import ArchChange
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.queue import BuildSummary
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.sources import Source
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.testing.contracts import farm


class LookContract(farm.FarmContract):
    """What a look at a builder shows."""

    async def built(
        self, seconds: float, silence: float = 0.0, source: str = "hello"
    ) -> BuildSummary:
        """Have a build be fully built in so many seconds, and be silent at first."""
        new = Source(name=source, version="1", hints=("any",), files=())
        build = await self.submit(source=new)
        assignment = await self.run_next()
        await self.let_pass(silence)
        await self.store.builds.keep_tails({assignment.attempt: "gcc"})
        await self.let_pass(seconds - silence)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        report = UploadReport(ok=True)
        await self.store.uploads.uploaded(assignment.attempt, report)
        return build

    # --- the builder

    async def test_introduced(self) -> None:
        """A builder is introduced with its version, or without. Case 13."""
        self.assertFalse((await self.seen()).introduced)
        for version in ("254", None):
            await self.store.builds.introduce(self.lease, version)
            builder = await self.seen()
            self.assertEqual((builder.introduced, builder.version), (True, version))

    async def test_late(self) -> None:
        """What a builder has become meanwhile is not forgotten for what it was."""
        set_clean = self.store.builds.set_clean
        await self.make(CleanState.CLEAN)
        for before in (CleanState.DIRTY, CleanState.CLEANING):
            with self.assertRaises(OvertakenError):
                await set_clean(self.lease, before, CleanState.CLEANING)
        self.assertIs((await self.seen()).clean, CleanState.CLEAN)

    async def test_restless(self) -> None:
        """It is known for how long a builder is as clean as it is."""
        await self.make(CleanState.CLEANING)
        await self.let_pass(1000)
        self.assertGreaterEqual((await self.seen()).restless, 1000)
        await self.make(CleanState.CLEANING)
        self.assertGreaterEqual((await self.seen()).restless, 1000)
        await self.make(CleanState.CLEAN)
        builder = await self.seen()
        self.assertIs(builder.clean, CleanState.CLEAN)
        self.assertLess(builder.restless, 1000)

    async def test_expected(self) -> None:
        """
        The name that a worker is to say is that of the attempt at hand. Case 20.

        Each look reads it: a build that is tried again has another one at once.
        """
        self.assertIsNone((await self.look())[1])
        first = await self.running()
        for _ in range(2):
            self.assertEqual((await self.assigned()).cookie, first.cookie)
        await self.store.builds.settle(self.lease, first.attempt, self.ruling())
        self.assertIsNone((await self.look())[1])
        second = await self.run_next()
        self.assertEqual(second.cookie.build, first.cookie.build)
        self.assertNotEqual(second.cookie, first.cookie)
        self.assertEqual((await self.assigned()).cookie, second.cookie)

    # --- limits

    async def test_learned(self) -> None:
        """How long a build may take is learned from successes of its source."""
        await self.built(1000, 200)
        await self.built(400, 300)
        await self.built(9000, 5000, source="other")
        assignment = await self.running(
            source=Source(name="hello", version="2", hints=("any",), files=())
        )
        self.assertIsNone(assignment.wall.said)
        wall, silence = assignment.wall.longest, assignment.silence.longest
        assert wall is not None
        assert silence is not None
        self.assertGreaterEqual(wall, 1000)
        self.assertLess(wall, 9000)
        self.assertGreaterEqual(silence, 300)
        self.assertLess(silence, 1000)

    async def test_last_five(self) -> None:
        """What was long ago says nothing."""
        await self.built(9000)
        for _ in range(5):
            await self.built(100)
        assignment = await self.running(
            source=Source(name="hello", version="2", hints=("any",), files=())
        )
        self.assertLess(assignment.wall.longest or 0.0, 9000)

    async def test_nothing_learned(self) -> None:
        """From failures nothing is learned, nor from other architectures."""
        await self.built(1000)
        await self.add_architecture("arm64")
        lease = await self.another(architectures=("arm64",))
        hello = Source(name="hello", version="2", hints=("any",), files=())
        build = evolve((await self.submission()).builds[0], architecture="arm64")
        await self.submit(source=hello, builds=(build,))
        assignment = await self.run_next(lease)
        self.assertIsNone(assignment.wall.longest)
        self.assertIsNone(assignment.silence.longest)

    async def test_said(self) -> None:
        """What somebody has said of an architecture is known."""
        change = ArchChange(wall=7200.0, silence=600.0)
        await self.store.catalogue.change_architecture("bookworm", "amd64", change)
        assignment = await self.running()
        self.assertEqual(
            (assignment.wall.said, assignment.silence.said), (7200.0, 600.0)
        )
