"""Series, with their architectures, in PostgreSQL."""

from typing import Any

from buildd_manager.adapters.postgres import archives
from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.rows import Row, stored_file
from buildd_manager.domain.audit import Kind, added, edited
from buildd_manager.domain.catalogue import (
    ArchDetail,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.changes import changed_series
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus


_SERIES = """
SELECT s.name, s.distribution, s.status, s.component, s.components,
       s.strict_components, s.nominated_architecture, s.archive_lines,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'architecture', a.architecture, 'enabled', a.enabled,
                 'supports_virtualized', a.supports_virtualized,
                 'supports_nonvirtualized', a.supports_nonvirtualized,
                 'wall', a.wall, 'silence', a.silence, 'chroots', c.chroots)
                 ORDER BY a.id), '[]')
          FROM arch_series a
          CROSS JOIN LATERAL (
            SELECT coalesce(jsonb_object_agg(p.pocket, to_jsonb(f)), '{}') AS chroots
              FROM pocket_chroot p JOIN stored_file f ON f.alias = p.chroot
             WHERE p.arch_series = a.id AND p.image_type = 'chroot') c
         WHERE a.series = s.id)
  FROM series s
"""

ALL = f"{_SERIES} ORDER BY s.name"

ONE = f"{_SERIES} WHERE s.name = %s"

# See Note [Order of locks] in submitting.
LOCK = "SELECT FROM series WHERE name = %s FOR NO KEY UPDATE"

ADD = """
INSERT INTO series (name, distribution, status, component, components,
                    strict_components, nominated_architecture, archive_lines)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""

CHANGE = """
UPDATE series SET status = %s, nominated_architecture = %s, strict_components = %s
 WHERE name = %s
"""


def series(row: Row) -> SeriesDetail:
    """Read a series, with its architectures as JSON."""
    return SeriesDetail(
        name=row[0],
        distribution=row[1],
        status=SeriesStatus(row[2]),
        component=row[3],
        components=tuple(row[4]),
        strict_components=row[5],
        nominated_architecture=row[6],
        archive_lines=None if row[7] is None else tuple(row[7]),
        architectures=tuple(_architecture(**one) for one in row[8]),
    )


def _architecture(*, chroots: dict[str, Any], **details: Any) -> ArchDetail:
    found = {Pocket(pocket): stored_file(file) for pocket, file in chroots.items()}
    return ArchDetail(chroots=found, **details)


async def find(cursor: Any, name: str) -> SeriesDetail:
    """Find a series by its name."""
    await cursor.execute(ONE, (name,))
    return series(must_find(cursor, "series", name))


async def lock(cursor: Any, name: str) -> SeriesDetail:
    """Find a series that nobody else changes now, nor its architectures."""
    await cursor.execute(LOCK, (name,))
    return await find(cursor, name)


async def add(cursor: Any, who: str, new: NewSeries) -> None:
    """Add a series, and the primary archive of its distribution."""
    values = (
        new.name,
        new.distribution,
        new.status.value,
        new.component,
        list(new.components or (new.component,)),
        new.strict_components,
        new.nominated_architecture,
        None if new.archive_lines is None else list(new.archive_lines),
    )
    await cursor.execute(ADD, values)
    await archives.add_primary(cursor, who, new.distribution)
    await write_down(cursor, who, added(Kind.SERIES, new.name, new))


async def change(cursor: Any, who: str, name: str, what: SeriesChange) -> None:
    """Change a series."""
    before = await lock(cursor, name)
    after = changed_series(before, what)
    status, nominated = after.status.value, after.nominated_architecture
    values = (status, nominated, after.strict_components, name)
    await cursor.execute(CHANGE, values)
    done = edited(Kind.SERIES, name, before, after, SeriesChange)
    await write_down(cursor, who, done)
