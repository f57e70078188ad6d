"""Have results uploaded that have landed and are recorded."""

from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.uploads import PendingUpload
from buildd_manager.ports import IUploader, IUploadStore
from buildd_manager.services.rounds import PATIENCE, Rounds


class Uploads(Service):
    """
    Runs the uploader on each landing, oldest first, one at a time.

    What waits is in the database, so an upload that a crash has cut short is done
    again: at least once, and always under the attempt's number.

    :param published: Called when packages have been published.
    """

    _log = Logger()

    def __init__(
        self,
        manager: str,
        store: IUploadStore,
        uploader: IUploader,
        clock: IReactorTime,
        interval: float,
        published: Callable[[], None] = lambda: None,
    ) -> None:
        self._manager = manager
        self._published = published
        self._store = store
        self._uploader = uploader
        self._stopping = False
        self._rounds = Rounds(self.drain, self._survive, clock, interval)

    def startService(self) -> None:
        """Look for uploads every interval."""
        super().startService()
        self._stopping = False
        self._rounds.start()

    def stopService(self) -> Deferred[None]:
        """Begin no more uploads; fires when the one in hand has ended, or soon."""
        super().stopService()
        self._stopping = True
        return self._rounds.stop(PATIENCE)

    def wake(self) -> None:
        """Look now, or once more after the uploads in hand."""
        self._rounds.wake()

    def drain(self) -> Deferred[None]:
        """Upload all that waits, started or not."""
        return Deferred.fromCoroutine(self._upload_all())

    async def _upload_all(self) -> None:
        for upload in await self._store.pending_uploads(self._manager):
            if not self._stopping:
                await self._upload(upload)

    async def _upload(self, upload: PendingUpload) -> None:
        report = await self._uploader.upload(upload)
        if not report.ok:
            self._log.error(
                "upload of build {build} failed: {output}",
                build=upload.build,
                output=report.output,
            )
        await self._store.uploaded(upload.attempt, report)
        if report.ok:
            self._published()

    def _survive(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            self._log.info("an upload was cut short; it is begun again next time")
        else:
            self._log.failure("uploads failed for now", failure)
