"""What has yet to be uploaded, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.domain.binaries import package_of
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.log_tails import storable
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import IUploadStore


PENDING = """
SELECT u.attempt, r.build FROM upload u JOIN result r ON r.attempt = u.attempt
 WHERE u.manager = %s AND u.state = 'pending' ORDER BY u.attempt
"""

ENDED = """
UPDATE upload u SET state = %s, output = %s, date_ended = clock_timestamp()
  FROM result r WHERE u.attempt = %s AND u.state = 'pending' AND r.attempt = u.attempt
RETURNING r.build
"""

BUILD_ENDED = "UPDATE build SET state = %s WHERE id = %s AND state = 'uploading'"

FILES = """
SELECT f.name, s.version
  FROM result r
  JOIN build b ON b.id = r.build
  JOIN source s ON s.id = b.source
  JOIN result_file rf ON rf.attempt = r.attempt
  JOIN stored_file f ON f.alias = rf.file
 WHERE r.attempt = %s ORDER BY rf.position
"""

# Whoever publishes several packages does so in the order of their names.
PUBLISH = """
INSERT INTO binary_package (archive, series, pocket, component, architecture, name,
                            version, build)
SELECT s.archive, s.series, s.pocket, s.component, p.architecture, p.name, p.version,
       b.id
  FROM build b
  JOIN source s ON s.id = b.source
 CROSS JOIN unnest(%(architectures)s::text[], %(names)s::text[], %(versions)s::text[])
       AS p(architecture, name, version)
 WHERE b.id = %(build)s
 ORDER BY p.name, p.version, p.architecture
ON CONFLICT DO NOTHING
"""


@implementer(IUploadStore)
@frozen
class PostgresUploadStore:
    """Uploads as rows, each of which ends once."""

    _pool: Pool

    def pending_uploads(self, manager: str) -> Deferred[Sequence[PendingUpload]]:
        found: Deferred[Any] = self._pool.query(PENDING, (manager,))
        return found.addCallback(lambda rows: [PendingUpload(*row) for row in rows])

    def uploaded(self, attempt: int, report: UploadReport) -> Deferred[None]:
        state = BuildState.FULLY_BUILT if report.ok else BuildState.FAILED_TO_UPLOAD

        async def work(cursor: Any) -> None:
            word = "done" if report.ok else "failed"
            await cursor.execute(ENDED, (word, storable(report.output), attempt))
            if (row := cursor.fetchone()) is None:
                raise OvertakenError(f"attempt {attempt} has nothing to upload")
            await cursor.execute(BUILD_ENDED, (state.value, row[0]))
            if cursor.rowcount != 1:
                raise OvertakenError(f"build {row[0]} is not uploading")
            if report.ok:
                await _publish(cursor, attempt, row[0])

        return self._pool.run(work)


async def _publish(cursor: Any, attempt: int, build: int) -> None:
    await cursor.execute(FILES, (attempt,))
    found = [package_of(file, version) for file, version in cursor.fetchall()]
    packages = [package for package in found if package is not None]
    values = {
        "build": build,
        "architectures": [package.architecture for package in packages],
        "names": [package.name for package in packages],
        "versions": [package.version for package in packages],
    }
    await cursor.execute(PUBLISH, values)
