"""The uploader of a manager, and the directory where results land."""

from collections.abc import Sequence

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, fail
from zope.interface import implementer

from buildd_manager.domain.errors import LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import IUploader
from tests.simulation.chance import Chance
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.rules.results import Results
from tests.simulation.seats import Seat


@define
class Landing:
    """What is on the disk of a manager's host; it outlives the manager."""

    files: dict[int, tuple[StoredFile, ...]] = field(factory=dict)


@implementer(IUploader)
@frozen(eq=False)
class Desk:
    """Lands results on a disk, and hands them over from there."""

    _landing: Landing
    _seat: Seat
    _chance: Chance
    _results: Results
    _diary: Diary

    def land(self, attempt: int, files: Sequence[StoredFile]) -> Deferred[None]:
        if self._chance.strikes(Fault.SHELF):
            return fail(LibrarianError("cannot land files: no space left"))
        landed: Deferred[None] = Deferred()
        self._seat.process.after(0.1, self._put, landed, attempt, files)
        return landed

    def upload(self, upload: PendingUpload) -> Deferred[UploadReport]:
        self._diary.note(f"{self._seat.name} . upload of attempt {upload.attempt}")
        self._results.uploaded(upload.attempt, self._landing.files.get(upload.attempt))
        ended: Deferred[UploadReport] = Deferred()
        seconds = 300.0 if self._chance.strikes(Fault.DAWDLE) else 1.0
        rejected = self._chance.strikes(Fault.REJECT)
        report = UploadReport(ok=not rejected, output="it said so")
        self._seat.process.after(seconds, _fire, ended, report)
        return ended

    def _put(
        self, landed: Deferred[None], attempt: int, files: Sequence[StoredFile]
    ) -> None:
        self._landing.files[attempt] = tuple(files)
        if not landed.called:
            landed.callback(None)


def _fire(ended: Deferred[UploadReport], report: UploadReport) -> None:
    if not ended.called:
        ended.callback(report)
