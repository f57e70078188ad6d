"""The architectures of series, and their chroots, in PostgreSQL."""

from typing import Any

from buildd_manager.adapters.postgres import virtualizing
from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.series import lock
from buildd_manager.domain.audit import Kind, deed, edited, rebased
from buildd_manager.domain.catalogue import ArchChange, ArchDetail
from buildd_manager.domain.changes import changed_architecture
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket


ADD = """
INSERT INTO arch_series (series, architecture)
SELECT id, %s FROM series WHERE name = %s RETURNING id
"""

CHANGE = """
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


async def add(cursor: Any, who: str, name: str, architecture: str) -> None:
    """Build a series for one more architecture."""
    await cursor.execute(ADD, (architecture, name))
    must_find(cursor, "series", name)
    done = deed(Kind.SERIES, name, f"arch-add {architecture}")
    await write_down(cursor, who, done)


async def change(
    cursor: Any, who: str, name: str, architecture: str, what: ArchChange
) -> None:
    """Change an architecture of a series, and for which builders its builds wait."""
    before = await _find(cursor, name, architecture)
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
    await cursor.execute(CHANGE, values)
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
    before = (await _find(cursor, name, architecture)).chroots.get(pocket)
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


async def _find(cursor: Any, name: str, architecture: str) -> ArchDetail:
    """Find an architecture of a series, which stays as it is until all is done."""
    for one in (await lock(cursor, name)).architectures:
        if one.architecture == architecture:
            return one
    fault = f"{name} has no {architecture}"
    raise NotFoundError("arch", fault, "add the architecture first")
