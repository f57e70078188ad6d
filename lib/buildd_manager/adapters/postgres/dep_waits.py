"""Builds that wait for packages, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from buildd_manager.adapters.postgres import rows
from buildd_manager.adapters.postgres.files import LARGEST
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import DepWait
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.suites import is_over, may_build_in
from buildd_manager.domain.visibility import sees


# Of each source the need is found once, however many of its builds wait.
WAITS = """
WITH waits AS MATERIALIZED (
  SELECT b.id, b.dependencies, a.architecture, se.name AS series, se.status, s.pocket,
         ar.purpose, ar.build_obsolete, b.source
    FROM build b
    JOIN source s ON s.id = b.source
    JOIN archive ar ON ar.id = s.archive
    JOIN arch_series a ON a.id = b.arch_series
    JOIN series se ON se.id = a.series
    JOIN nearest_chroot c ON c.arch_series = a.id AND c.pocket = s.pocket
   WHERE b.state = 'manual_dep_wait' AND NOT b.canary AND b.dependencies <> ''
     AND s.status = 'published' AND a.enabled),
needs AS MATERIALIZED (
  SELECT n.source, to_jsonb(n) AS need FROM need n
   WHERE n.source IN (SELECT source FROM waits))
SELECT w.id, w.dependencies, w.architecture, w.series, w.status, w.pocket, w.purpose,
       w.build_obsolete, n.need
  FROM waits w JOIN needs n ON n.source = w.source
 ORDER BY w.id
"""

# One that waits no more, or for something else, is left as it is.
STILL_WAITS = """
UPDATE build SET dependencies = CASE state WHEN 'manual_dep_wait' THEN %s
                                           ELSE dependencies END
 WHERE id = %s RETURNING id
"""


def waits(found: Sequence[rows.Row]) -> list[DepWait]:
    """Read :data:`WAITS`; leave out what may not be built anyway."""
    return [
        DepWait(
            build=build,
            dependencies=dependencies,
            architecture=architecture,
            series=series,
            sees=sees(rows.need(need)),
        )
        for build, dependencies, architecture, series, *place, need in found
        if _may_be_built(*place)
    ]


async def still_waits(cursor: Any, build: int, dependencies: str) -> None:
    """
    Remember what a build still waits for, if it does.

    :raises NotFoundError: If there is no such build.
    """
    await cursor.execute(STILL_WAITS, (dependencies, min(build, LARGEST)))
    must_find(cursor, "build", build)


def _may_be_built(said: str, pocket: str, purpose: str, obsolete: bool) -> bool:  # noqa: FBT001 - a row
    status = SeriesStatus(said)
    return not is_over(status, build_obsolete=obsolete) and may_build_in(
        status, Pocket(pocket), Purpose(purpose)
    )
