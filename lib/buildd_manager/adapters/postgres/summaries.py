"""Builds as people see them, from rows of the database."""

from collections.abc import Sequence
from typing import Any

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildSummary


#: A row as psycopg2 gives it; its types are those of the columns.
Row = Sequence[Any]

#: Of the view ``build_summary``, called ``v``.
SUMMARY_COLUMNS = """
v.id, v.source, v.version, v.archive, v.series, v.pocket, v.architecture, v.state,
v.cause, v.score, v.builder, v.created, v.started, v.finished
"""

#: How many they are.
SUMMARY_WIDTH = 14


def summary(row: Row) -> BuildSummary:
    """Read :data:`SUMMARY_COLUMNS`."""
    return BuildSummary(
        id=row[0],
        source=row[1],
        version=row[2],
        archive=row[3],
        series=row[4],
        pocket=Pocket(row[5]),
        architecture=row[6],
        state=BuildState(row[7]),
        cause=cause(row[8]),
        score=row[9],
        builder=row[10],
        created=row[11],
        started=row[12],
        finished=row[13],
    )


def cause(word: str | None) -> Cause | None:
    """Read a cause, if there is one."""
    return None if word is None else Cause(word)
