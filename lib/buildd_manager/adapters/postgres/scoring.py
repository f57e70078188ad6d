"""What a build's score is made of, as it is stored."""

from collections.abc import Sequence
from typing import Any

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.scores import Subject, Urgency


#: Of an archive ``ar`` and a source ``s``.
SUBJECT_COLUMNS = """
ar.id, ar.name, ar.purpose, ar.distribution, ar.private, ar.relative_score,
s.pocket, s.component, s.section, s.urgency
"""


def subject(row: Sequence[Any]) -> Subject:
    """Read :data:`SUBJECT_COLUMNS`."""
    archive = Archive(
        id=row[0],
        name=row[1],
        purpose=Purpose(row[2]),
        distribution=row[3],
        private=row[4],
        relative_score=row[5],
    )
    return Subject(
        archive=archive,
        pocket=Pocket(row[6]),
        component=row[7],
        section=row[8],
        urgency=Urgency(row[9]),
    )
