"""A farm at one moment, from rows of the database."""

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from buildd_manager.adapters.postgres.candidates import KNOWN_GOOD
from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.matching import Candidate, WaitingBuild
from buildd_manager.domain.outlook import Outlook, Running
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.suites import is_embargoed, is_over, may_build_in


#: To be said first: all that follows is seen as it was at one moment.
AT_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

WAITING = """
SELECT b.id, q.id, q.architecture, q.score, q.virtualized, q.resources, ar.enabled,
       s.status = 'published', se.status, s.pocket, ar.purpose, ar.build_security,
       ar.build_obsolete,
       a.enabled AND c.arch_series IS NOT NULL, b.canary,
       ARRAY(SELECT f.builder FROM failed_on f WHERE f.queue = q.id), b.estimate
  FROM build_queue q
  JOIN build b ON b.id = q.build
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
  JOIN arch_series a ON a.id = b.arch_series
  JOIN series se ON se.id = a.series
  LEFT JOIN nearest_chroot c ON c.arch_series = a.id AND c.pocket = s.pocket
 WHERE q.builder IS NULL AND b.state = 'needs_build'
 ORDER BY b.id
"""

BUILDERS = """
SELECT br.id, br.name,
       ARRAY(SELECT architecture FROM builder_architecture WHERE builder = br.id),
       br.virtualized, br.open_resources, br.restricted_resources, br.builderok,
       br.manual, br.clean = 'clean', br.on_trial,
       b.id, seconds_since(t.date_claimed), b.estimate
  FROM builder br
  LEFT JOIN attempt t
    ON t.builder = br.id AND t.state IN ('claimed', 'running', 'gathering')
  LEFT JOIN build b ON b.id = t.build
 ORDER BY br.id
"""

_BUILD, _ELAPSED, _ESTIMATE = 10, 11, 12


async def outlook(cursor: Any) -> Outlook:
    """Read all that waits and runs, and all builders."""
    await cursor.execute(AT_ONE_MOMENT)
    await cursor.execute(WAITING)
    waiting = cursor.fetchall()
    await cursor.execute(BUILDERS)
    builders = cursor.fetchall()
    return Outlook(
        builds=tuple(_waiting(row) for row in waiting),
        builders=tuple([await _candidate(cursor, row) for row in builders]),
        estimates={row[0]: row[-1] for row in waiting},
        running={
            row[0]: Running(row[_BUILD], row[_ELAPSED], row[_ESTIMATE])
            for row in builders
            if row[_BUILD] is not None
        },
    )


def _waiting(row: Sequence[Any]) -> WaitingBuild:
    status, pocket, purpose = SeriesStatus(row[8]), Pocket(row[9]), Purpose(row[10])
    return WaitingBuild(
        id=row[0],
        queue=row[1],
        architecture=row[2],
        score=row[3],
        virtualized=row[4],
        resources=frozenset(row[5]),
        archive_enabled=row[6],
        source_published=row[7],
        pocket_open=may_build_in(status, pocket, purpose),
        embargoed=is_embargoed(pocket, build_security=row[11]),
        series_ok=not is_over(status, build_obsolete=row[12]),
        has_chroot=row[13],
        canary=row[14],
        failed_on=frozenset(row[15]),
    )


async def _candidate(cursor: Any, row: Sequence[Any]) -> Candidate:
    """Show a builder; one on trial that cannot be tried gets what all others get."""
    builder = Candidate(
        id=row[0],
        name=row[1],
        architectures=frozenset(row[2]),
        virtualized=row[3],
        open_resources=frozenset(row[4]),
        restricted_resources=frozenset(row[5]),
        ok=row[6],
        manual=row[7],
        busy=row[_BUILD] is not None,
        clean=row[8],
        on_trial=row[9],
    )
    if not builder.on_trial:
        return builder
    await cursor.execute(KNOWN_GOOD, {"builder": builder.id})
    return evolve(builder, on_trial=cursor.fetchone() is not None)
