"""Results on their way to the uploader, and log tails on theirs to the database."""

from collections.abc import Sequence

from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import IUploader, IUploadStore
from buildd_manager.services.log_tails import LogTails
from buildd_manager.services.rounds import PATIENCE
from buildd_manager.services.uploads import Uploads
from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.store import memory_store


@implementer(IUploadStore)
@define
class Pending:
    """Uploads that wait, and how they ended."""

    waiting: list[PendingUpload] = field(factory=list)
    ended: list[tuple[int, bool]] = field(factory=list)

    def pending_uploads(self, manager: str) -> Deferred[Sequence[PendingUpload]]:
        return succeed(list(self.waiting))

    def uploaded(self, attempt: int, report: UploadReport) -> Deferred[None]:
        self.waiting = [one for one in self.waiting if one.attempt != attempt]
        self.ended.append((attempt, report.ok))
        return succeed(None)


@implementer(IUploader)
@define
class SlowUploader:
    """Uploads when it is told to."""

    begun: list[int] = field(factory=list)
    answers: list[Deferred[UploadReport]] = field(factory=list)

    def land(self, attempt: int, files: Sequence[StoredFile]) -> Deferred[None]:
        return succeed(None)

    def upload(self, upload: PendingUpload) -> Deferred[UploadReport]:
        self.begun.append(upload.attempt)
        self.answers.append(Deferred())
        return self.answers[-1]


class UploadsTests(SynchronousTestCase):
    """Uploads, one at a time."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.pending = Pending([PendingUpload(1, 10), PendingUpload(2, 20)])
        self.uploader = SlowUploader()
        self.uploads = Uploads("me", self.pending, self.uploader, self.clock, 15)

    def start(self) -> None:
        self.uploads.startService()
        self.clock.advance(0)

    def answer(self, *, ok: bool = True) -> None:
        self.uploader.answers[-1].callback(UploadReport(ok=ok))

    def test_one_at_a_time(self) -> None:
        """The oldest is uploaded first, the next one when that has ended."""
        self.start()
        self.assertEqual(self.uploader.begun, [1])
        self.answer()
        self.assertEqual(self.uploader.begun, [1, 2])
        self.answer(ok=False)
        self.assertEqual(self.pending.ended, [(1, True), (2, False)])

    def test_woken_while_busy(self) -> None:
        """What lands while another is uploaded is uploaded right after."""
        self.start()
        self.pending.waiting.append(PendingUpload(3, 30))
        self.uploads.wake()
        for _ in range(3):
            self.answer()
            self.clock.advance(0)
        self.assertEqual(self.uploader.begun, [1, 2, 3])

    def test_database_away(self) -> None:
        """What cannot be looked up now is looked up later."""
        store = self.pending
        self.patch(
            Pending,
            "pending_uploads",
            lambda *_: fail(StoreUnavailableError("away")),
        )
        self.start()
        self.assertEqual(len(self.flushLoggedErrors(StoreUnavailableError)), 1)
        self.patch(Pending, "pending_uploads", lambda *_: succeed(store.waiting))
        self.clock.advance(15)
        self.assertEqual(self.uploader.begun, [1])

    def test_stopped(self) -> None:
        """Stopping waits for the upload in hand and begins no other."""
        self.start()
        stopping = self.uploads.stopService()
        self.assertNoResult(stopping)
        self.answer()
        self.successResultOf(stopping)
        self.assertEqual(self.uploader.begun, [1])
        self.assertEqual(self.pending.ended, [(1, True)])

    def test_stopped_in_time(self) -> None:
        """An upload that takes too long then is cut short, and still waits."""
        self.start()
        stopping = self.uploads.stopService()
        self.clock.advance(PATIENCE)
        self.successResultOf(stopping)
        self.assertEqual(self.pending.ended, [])


class LogTailsTests(SynchronousTestCase):
    """Tails, all in one write."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.writes: list[dict[int, str]] = []
        self.away: Exception | None = None

        def keep(_: object, tails: dict[int, str]) -> Deferred[None]:
            if self.away is not None:
                return fail(self.away)
            self.writes.append(dict(tails))
            return succeed(None)

        self.patch(MemoryBuildStore, "keep_tails", keep)
        self.tails = LogTails(memory_store(self.clock).builds, self.clock, 15)
        self.tails.startService()
        self.clock.advance(0)

    def test_together(self) -> None:
        """
        What many scanners have noted is written at once, the last word of each.

        Case 53.
        """
        self.tails.note(1, "a")
        self.tails.note(1, "b")
        self.tails.note(2, "c")
        self.clock.advance(15)
        self.assertEqual(self.writes, [{1: "b", 2: "c"}])

    def test_unchanged(self) -> None:
        """What has not changed is not written again."""
        for tail in ("a", "a", "b"):
            self.tails.note(1, tail)
            self.clock.advance(15)
        self.assertEqual(self.writes, [{1: "a"}, {1: "b"}])

    def test_database_away(self) -> None:
        """What could not be written is written later, unless there is newer."""
        self.away = StoreUnavailableError("away")
        self.tails.note(1, "a")
        self.tails.note(2, "b")
        self.clock.advance(15)
        self.away = None
        self.tails.note(1, "c")
        self.clock.advance(15)
        self.assertEqual(self.writes, [{1: "c", 2: "b"}])

    def test_error(self) -> None:
        """
        An error that nobody thought of is logged, and the next tails written. Case 55.

        Those that could not be are left out, lest they cannot be for ever.
        """
        self.away = ZeroDivisionError("ours")
        self.tails.note(1, "a")
        self.clock.advance(15)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.away = None
        self.tails.note(2, "b")
        self.clock.advance(15)
        self.assertEqual(self.writes, [{2: "b"}])

    def test_stopped(self) -> None:
        """Stopping writes what was noted."""
        self.tails.note(1, "a")
        self.successResultOf(self.tails.stopService())
        self.assertEqual(self.writes, [{1: "a"}])
