"""What others have published is remembered, and what builds can see of it is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.domain.audit import told_of_packages
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import DepWait


ARCHIVES = "SELECT name FROM archive WHERE name = ANY(%s)"

SERIES = "SELECT name FROM series WHERE name = ANY(%s)"

# Always in the same order, so that nobody waits for somebody who waits for him.
_TOLD = """
WITH told AS (
  SELECT DISTINCT ON (t.name, t.version, t.architecture, ar.id, se.id, t.pocket)
         t.name, t.version, t.architecture, ar.id AS archive, se.id AS series,
         t.pocket, t.component
    FROM unnest(%(archives)s::text[], %(series)s::text[], %(pockets)s::text[],
                %(components)s::text[], %(architectures)s::text[], %(names)s::text[],
                %(versions)s::text[]) WITH ORDINALITY
         AS t(archive, series, pocket, component, architecture, name, version, place)
    JOIN archive ar ON ar.name = t.archive
    JOIN series se ON se.name = t.series
   ORDER BY t.name, t.version, t.architecture, ar.id, se.id, t.pocket, t.place DESC)
"""

# What has moved to another component is published anew.
MOVE = (
    _TOLD
    + """
DELETE FROM binary_package p USING told t
 WHERE (p.name, p.version, p.architecture) = (t.name, t.version, t.architecture)
   AND (p.archive, p.series, p.pocket) = (t.archive, t.series, t.pocket)
   AND p.component <> t.component
"""
)

PUBLISH = (
    _TOLD
    + """,
news AS (
  INSERT INTO binary_package
         (name, version, architecture, archive, series, pocket, component)
  SELECT name, version, architecture, archive, series, pocket, component FROM told
  ON CONFLICT DO NOTHING RETURNING archive)
SELECT ar.name, count(*) FROM news JOIN archive ar ON ar.id = news.archive
 GROUP BY ar.name
"""
)

PUBLISHED = """
SELECT p.name, p.version, ar.name, p.pocket, p.component
  FROM binary_package p
  JOIN archive ar ON ar.id = p.archive
  JOIN series se ON se.id = p.series
 WHERE p.name = ANY(%s) AND se.name = %s AND p.architecture IN (%s, 'all')
"""


async def publish(cursor: Any, who: str, packages: Sequence[NewBinary]) -> int:
    """Remember packages; tell how many were news."""
    if not packages:
        return 0
    await _check(cursor, ARCHIVES, "archive", {one.archive for one in packages})
    await _check(cursor, SERIES, "series", {one.series for one in packages})
    told = {
        "archives": [one.archive for one in packages],
        "series": [one.series for one in packages],
        "pockets": [one.pocket.value for one in packages],
        "components": [one.component for one in packages],
        "architectures": [one.architecture for one in packages],
        "names": [one.name for one in packages],
        "versions": [one.version for one in packages],
    }
    await cursor.execute(MOVE, told)
    await cursor.execute(PUBLISH, told)
    news: list[tuple[str, int]] = sorted(cursor.fetchall())
    await write_down(cursor, who, *(told_of_packages(*one) for one in news))
    return sum(count for _, count in news)


async def published(
    cursor: Any, wait: DepWait, names: Sequence[str]
) -> Mapping[str, set[str]]:
    """Tell the versions of packages that a build can see."""
    await cursor.execute(PUBLISHED, (list(names), wait.series, wait.architecture))
    found: dict[str, set[str]] = {}
    for name, version, archive, pocket, component in cursor.fetchall():
        if component in wait.sees.get((archive, Pocket(pocket)), frozenset()):
            found.setdefault(name, set()).add(version)
    return found


async def _check(cursor: Any, statement: str, field: str, names: set[str]) -> None:
    await cursor.execute(statement, (sorted(names),))
    unknown = names - {name for (name,) in cursor.fetchall()}
    if unknown:
        fault = f"there is no {', '.join(sorted(unknown))[:200]}"
        raise NotFoundError(field, fault, "add it, or list what there is")
