"""A farm at one moment, from the tables in memory."""

from attrs import evolve

from buildd_manager.domain.matching import Candidate
from buildd_manager.domain.outlook import Outlook, Running
from buildd_manager.testing.claiming import may_try
from buildd_manager.testing.rows import BuilderRow, Rows
from buildd_manager.testing.waiting import candidate, waiting


def outlook(rows: Rows) -> Outlook:
    """Read all that waits and runs, and all builders."""
    builds = [waiting(rows, build) for build in rows.builds.values()]
    waits = tuple(sorted((one for one in builds if one.waiting), key=lambda b: b.id))
    running = {number: _running(rows, number) for number in rows.builders}
    return Outlook(
        builds=waits,
        builders=tuple(_candidate(rows, row) for row in rows.builders.values()),
        estimates={one.id: rows.builds[one.id].estimate for one in waits},
        running={number: one for number, one in running.items() if one is not None},
    )


def _candidate(rows: Rows, row: BuilderRow) -> Candidate:
    """Show a builder; one on trial that cannot be tried gets what all others get."""
    known = candidate(rows, row)
    tried = any(may_try(rows, build, known) for build in rows.builds.values())
    return evolve(known, on_trial=known.on_trial and tried)


def _running(rows: Rows, builder: int) -> Running | None:
    if (attempt := rows.live_attempt(builder)) is None:
        return None
    build = attempt.build
    return Running(build.id, rows.since(attempt.claimed), build.estimate)
