"""Series, their architectures and chroots, in PostgreSQL."""

from typing import Any

from buildd_manager.adapters.postgres import archives, virtualizing
from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.rows import Row, stored_file
from buildd_manager.domain.audit import Kind, added, deed, edited, rebased
from buildd_manager.domain.catalogue import (
    ArchChange,
    ArchDetail,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.changes import changed_architecture, changed_series
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
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

ADD_ARCHITECTURE = """
INSERT INTO arch_series (series, architecture)
SELECT id, %s FROM series WHERE name = %s RETURNING id
"""

CHANGE_ARCHITECTURE = """
UPDATE arch_series a
   SET enabled = %(enabled)s, supports_virtualized = %(supports_virtualized)s,
       supports_nonvirtualized = %(supports_nonvirtualized)s,
       wall = %(wall)s, silence = %(silence)s
  FROM series s
 WHERE s.id = a.series AND s.name = %(series)s AND a.architecture = %(architecture)s
RETURNING a.id
"""

SET_CHROOT = """
INSERT INTO pocket_chroot (arch_series, pocket, chroot)
SELECT a.id, %s, %s FROM arch_series a JOIN series s ON s.id = a.series
 WHERE s.name = %s AND a.architecture = %s
ON CONFLICT (arch_series, pocket, image_type) DO UPDATE SET chroot = excluded.chroot
"""

FORGET_CHROOT = """
DELETE FROM pocket_chroot c USING arch_series a, series s
 WHERE a.id = c.arch_series AND s.id = a.series AND c.image_type = 'chroot'
   AND c.pocket = %s AND s.name = %s AND a.architecture = %s
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


async def find_architecture(cursor: Any, name: str, architecture: str) -> ArchDetail:
    """Find an architecture of a series, which stays as it is until all is done."""
    for one in (await _lock(cursor, name)).architectures:
        if one.architecture == architecture:
            return one
    fault = f"{name} has no {architecture}"
    raise NotFoundError("arch", fault, "add the architecture first")


async def _lock(cursor: Any, name: str) -> SeriesDetail:
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
    before = await _lock(cursor, name)
    after = changed_series(before, what)
    status, nominated = after.status.value, after.nominated_architecture
    values = (status, nominated, after.strict_components, name)
    await cursor.execute(CHANGE, values)
    done = edited(Kind.SERIES, name, before, after, SeriesChange)
    await write_down(cursor, who, done)


async def add_architecture(cursor: Any, who: str, name: str, architecture: str) -> None:
    """Build a series for one more architecture."""
    await cursor.execute(ADD_ARCHITECTURE, (architecture, name))
    must_find(cursor, "series", name)
    done = deed(Kind.SERIES, name, f"arch-add {architecture}")
    await write_down(cursor, who, done)


async def change_architecture(
    cursor: Any, who: str, name: str, architecture: str, what: ArchChange
) -> None:
    """Change an architecture of a series, and for which builders its builds wait."""
    before = await find_architecture(cursor, name, architecture)
    after = changed_architecture(before, what)
    values = {
        "series": name,
        "architecture": architecture,
        "enabled": after.enabled,
        "supports_virtualized": after.supports_virtualized,
        "supports_nonvirtualized": after.supports_nonvirtualized,
        "wall": after.wall,
        "silence": after.silence,
    }
    await cursor.execute(CHANGE_ARCHITECTURE, values)
    await virtualizing.anew(cursor, arch_series=cursor.fetchone()[0])
    words = f"arch-edit {architecture}"
    done = edited(Kind.SERIES, name, before, after, ArchChange, words)
    await write_down(cursor, who, done)


async def set_chroot(
    cursor: Any,
    who: str,
    name: str,
    architecture: str,
    chroot: StoredFile | None,
    pocket: Pocket,
) -> None:
    """Have a chroot for a pocket, or none any more."""
    before = (await find_architecture(cursor, name, architecture)).chroots.get(pocket)
    if chroot is not None:
        values = (pocket.value, chroot.alias, name, architecture)
        await cursor.execute(SET_CHROOT, values)
    elif before is not None:
        await cursor.execute(FORGET_CHROOT, (pocket.value, name, architecture))
    else:
        fault = f"{name} {architecture} has none of its own for {pocket.value}"
        raise NotFoundError("chroot", fault, "name a pocket that has one")
    done = rebased(name, architecture, pocket, before, chroot)
    await write_down(cursor, who, done)
