"""The operator's programs in memory: an uploader, and a resetter of machines."""

from collections.abc import Callable, Sequence

from attrs import define, field
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from zope.interface import implementer

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import CommandError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import IResetter, IUploader


@implementer(IUploader)
@define
class MemoryUploader:
    """
    Keeps what has landed, and reports on each upload what it is told to.

    :ivar report: What becomes of uploads.
    :ivar landed: Files by the number of the attempt.
    :ivar uploaded: Every upload, in order, however often.
    """

    report: UploadReport = field(factory=lambda: UploadReport(ok=True))
    landed: dict[int, tuple[StoredFile, ...]] = field(factory=dict)
    uploaded: list[PendingUpload] = field(factory=list)

    def land(self, attempt: int, files: Sequence[StoredFile]) -> Deferred[None]:
        self.landed[attempt] = tuple(files)
        return succeed(None)

    def upload(self, upload: PendingUpload) -> Deferred[UploadReport]:
        self.uploaded.append(upload)
        return succeed(self.report)


@implementer(IResetter)
@define
class MemoryResetter:
    """
    Makes machines anew at once.

    :ivar _make_anew: Does it, to the machine of this builder.
    :ivar works: Whether the command succeeds.
    :ivar resets: Names of the builders, in order, whether it works or not.
    """

    _make_anew: Callable[[Builder], object] = lambda _: None
    works: bool = True
    resets: list[str] = field(factory=list)

    def reset(self, builder: Builder) -> Deferred[None]:
        return maybeDeferred(self._reset, builder)

    def _reset(self, builder: Builder) -> None:
        self.resets.append(builder.name)
        if not self.works:
            raise CommandError("Resuming failed (exit status 1):\nno such machine")
        self._make_anew(builder)
