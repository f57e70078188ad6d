"""What has yet to be uploaded, in memory."""

from collections.abc import Sequence

from attrs import evolve, frozen
from zope.interface import implementer

from buildd_manager.domain.binaries import NewBinary, package_of
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.log_tails import storable
from buildd_manager.domain.results import Result
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import IUploadStore
from buildd_manager.testing.rows import BuildRow, Rows, promised


@implementer(IUploadStore)
@frozen
class MemoryUploadStore:
    """What has yet to be uploaded, in memory."""

    rows: Rows

    @promised
    def pending_uploads(self, manager: str) -> Sequence[PendingUpload]:
        return [
            PendingUpload(row.id, row.build.id)
            for row in self.rows.attempts.values()
            if row.landed == manager
        ]

    @promised
    def uploaded(self, attempt: int, report: UploadReport) -> None:
        row = self.rows.attempts.get(attempt)
        if row is None or row.result is None or row.landed is None:
            raise OvertakenError(f"attempt {attempt} has nothing to upload")
        if row.build.state is not BuildState.UPLOADING:
            raise OvertakenError(f"build {row.build.id} is not uploading")
        row.landed = None
        row.upload = evolve(report, output=storable(report.output))
        if report.ok:
            row.build.state = BuildState.FULLY_BUILT
            self._publish(row.build, row.result)
        else:
            row.build.state = BuildState.FAILED_TO_UPLOAD

    def _publish(self, build: BuildRow, result: Result) -> None:
        source = build.source
        for file in result.files:
            package = package_of(file.name, source.source.version)
            if package is not None:
                binary = NewBinary(
                    archive=source.archive,
                    series=source.series,
                    pocket=source.pocket,
                    component=source.component,
                    architecture=package.architecture,
                    name=package.name,
                    version=package.version,
                )
                self.rows.publish(binary)
