"""What might go on for ever ends, and what is nobody's fault is held against nobody."""

from typing import Any

from twisted.internet.defer import Deferred, fail

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import LibrarianError
from buildd_manager.services.keeping import Limits
from buildd_manager.services.works import Pace
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.librarian import MemoryIncomingFile
from tests.services.scene import INTERVAL, Scene


class DispatchTests(Scene):
    """Jobs that are given, or not."""

    def test_never_begun(self) -> None:
        """A job that a worker never begins has failed at last; the builder goes on."""
        answer = ["BuilderStatus.UNKNOWNSUM", "no such chroot"]
        self.patch(SimulatedBuildd, "build", lambda *_: answer)
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(40)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_BUILD)
        self.assertEqual(len(detail.attempts), 5)
        for attempt in detail.attempts:
            self.assertIs(attempt.cause, Cause.NOT_STARTED)
            self.assertIn("no such chroot", attempt.outcome or "")
        self.assertTrue(self.builder().ok)

    def test_empty_queue(self) -> None:
        """Where nothing waits, that is asked once in a scan."""
        asked: list[float] = []
        claim = MemoryBuildStore.claim

        def counted(*args: Any) -> Deferred[Any]:
            asked.append(self.clock.seconds())
            return claim(*args)

        self.patch(MemoryBuildStore, "claim", counted)
        self.add_builder()
        self.start()
        self.scans(3)
        self.assertIs(self.builder().clean, CleanState.CLEAN)
        self.assertEqual(asked, [0, 15, 30, 45])


class FullDiskTests(Scene):
    """Results for which there is no room."""

    def test_full(self) -> None:
        """It is no worker's fault, and they are collected when there is room again."""
        keep = MemoryIncomingFile.keep
        self.add_builder()
        build = self.submit()
        self.start()
        full = LibrarianError("no space left on device")
        self.patch(MemoryIncomingFile, "keep", lambda *_, **__: fail(full))
        self.scans(60)
        self.assertFalse(self.state(build).is_final)
        self.assertEqual(self.builder().failures, 0)
        self.patch(MemoryIncomingFile, "keep", keep)
        self.scans(2)
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)
        self.assertEqual(len(self.detail(build).attempts), 1)


class SmallLimitTests(Scene):
    """Results that are together larger than may be."""

    pace = Pace(interval=INTERVAL, limits=Limits(build=40))

    def test_too_large(self) -> None:
        """They are not kept, and a build that always has such has failed at last."""
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(200)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_BUILD)
        self.assertIs(detail.summary.cause, Cause.BAD_RESULT)
        self.assertIn("bytes", detail.attempts[0].outcome or "")
        self.assertEqual(self.uploader.landed, {})
