"""Archives and what they depend on, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from buildd_manager.adapters.postgres import rows, virtualizing
from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.audit import Kind, added, edited, redirected
from buildd_manager.domain.changes import changed_archive, depending, independent
from buildd_manager.domain.errors import ConflictError


_ARCHIVES = "SELECT to_jsonb(d) FROM archive_detail d"

ALL = f"{_ARCHIVES} ORDER BY d.name"

ONE = f"{_ARCHIVES} WHERE d.name = %s"

LOCK = "SELECT FROM archive WHERE name = %s FOR NO KEY UPDATE"

# A conflict must be no error: PostgreSQL writes a statement that fails into its log,
# and here that has a secret in it.
ADD = """
INSERT INTO archive (name, purpose, distribution, url, private, require_virtualized,
                     build_security, build_obsolete, relative_score,
                     build_debug_symbols, external_lines, secret, signing_key)
VALUES (%(name)s, %(purpose)s, %(distribution)s, %(url)s, %(private)s,
        %(require_virtualized)s, %(build_security)s, %(build_obsolete)s,
        %(relative_score)s, %(build_debug_symbols)s, %(external_lines)s, %(secret)s,
        %(signing_key)s)
ON CONFLICT DO NOTHING RETURNING id
"""

RIVALS = "SELECT name FROM archive WHERE name = %s"

# A distribution has one primary archive, which is that of its name if it can be.
ADD_PRIMARY = """
INSERT INTO archive (name, purpose, distribution) VALUES (%(name)s, 'primary', %(name)s)
ON CONFLICT DO NOTHING
"""

PRIMARY = "SELECT name FROM archive WHERE purpose = 'primary' AND distribution = %s"

CHANGE = """
UPDATE archive SET url = %(url)s, enabled = %(enabled)s,
       require_virtualized = %(require_virtualized)s,
       build_security = %(build_security)s, build_obsolete = %(build_obsolete)s,
       relative_score = %(relative_score)s,
       build_debug_symbols = %(build_debug_symbols)s,
       external_lines = %(external_lines)s, secret = %(secret)s,
       signing_key = %(signing_key)s
 WHERE id = %(id)s
"""

FORGET_DEPENDENCIES = "DELETE FROM archive_dependency WHERE archive = %s"

ADD_DEPENDENCY = """
INSERT INTO archive_dependency (archive, position, dependency, pocket, component)
SELECT %s, %s, id, %s, %s FROM archive WHERE name = %s RETURNING dependency
"""


def archive(row: rows.Row) -> Archive:
    """Read a row of :data:`ALL`."""
    return rows.archive(row[0])


async def find(cursor: Any, name: str) -> Archive:
    """Find an archive by its name."""
    await cursor.execute(ONE, (name,))
    return archive(must_find(cursor, "archive", name))


async def add(cursor: Any, who: str, new: NewArchive) -> Archive:
    """Add an archive."""
    values = {
        "name": new.name,
        "purpose": new.purpose.value,
        "distribution": new.distribution,
        "private": new.private,
        **_changeable(new),
    }
    await cursor.execute(ADD, values)
    if (row := cursor.fetchone()) is None:
        raise await _conflict(cursor, new)
    await _depend_on(cursor, row[0], new.dependencies)
    await write_down(cursor, who, added(Kind.ARCHIVE, new.name, new))
    return await find(cursor, new.name)


async def add_primary(cursor: Any, who: str, distribution: str) -> None:
    """Add a distribution's primary archive, unless there is one."""
    await cursor.execute(PRIMARY, (distribution,))
    if cursor.fetchone() is not None:
        return
    await cursor.execute(ADD_PRIMARY, {"name": distribution})
    if cursor.rowcount == 0:
        raise ConflictError(
            "distribution",
            f"the archive called {distribution} is not its primary one",
            "add its primary archive first, under another name",
        )
    new = NewArchive(
        name=distribution, purpose=Purpose.PRIMARY, distribution=distribution
    )
    await write_down(cursor, who, added(Kind.ARCHIVE, distribution, new))


async def change(cursor: Any, who: str, name: str, what: ArchiveChange) -> Archive:
    """Change an archive, and for which builders its builds wait."""
    before = await _lock(cursor, name)
    after = changed_archive(before, what)
    values = {"id": after.id, "enabled": after.enabled, **_changeable(after)}
    await cursor.execute(CHANGE, values)
    await virtualizing.anew(cursor, archive=after.id)
    done = edited(Kind.ARCHIVE, name, before, after, ArchiveChange)
    await write_down(cursor, who, done)
    return await find(cursor, name)


async def depend(cursor: Any, who: str, name: str, other: Dependency) -> Archive:
    """Have an archive depend on one more."""
    before = await _lock(cursor, name)
    return await _depend(cursor, who, before, depending(before, other))


async def depend_no_more(cursor: Any, who: str, name: str, other: str) -> Archive:
    """Have an archive depend on one less."""
    before = await _lock(cursor, name)
    return await _depend(cursor, who, before, independent(before, other))


async def _lock(cursor: Any, name: str) -> Archive:
    """Find an archive that nobody else changes now; see Note [Order of locks]."""
    await cursor.execute(LOCK, (name,))
    return await find(cursor, name)


def _changeable(value: NewArchive | Archive) -> dict[str, object]:
    return {
        "url": value.url,
        "require_virtualized": value.require_virtualized,
        "build_security": value.build_security,
        "build_obsolete": value.build_obsolete,
        "relative_score": value.relative_score,
        "build_debug_symbols": value.build_debug_symbols,
        "external_lines": list(value.external_lines),
        "secret": None if value.secret is None else value.secret.reveal(),
        "signing_key": value.signing_key,
    }


async def _conflict(cursor: Any, new: NewArchive) -> ConflictError:
    mend = "choose another one, or use the one that is there"
    await cursor.execute(RIVALS, (new.name,))
    if cursor.fetchone() is not None:
        return ConflictError("archive", f"{new.name} is already there", mend)
    fault = f"{new.distribution} has a primary archive already"
    return ConflictError("purpose", fault, mend)


async def _depend(cursor: Any, who: str, before: Archive, after: Archive) -> Archive:
    """Have an archive depend on other ones than before."""
    await _depend_on(cursor, after.id, after.dependencies)
    await write_down(cursor, who, redirected(before, after))
    return await find(cursor, after.name)


async def _depend_on(
    cursor: Any, number: int, dependencies: Sequence[Dependency]
) -> None:
    """Have an archive depend on just these."""
    await cursor.execute(FORGET_DEPENDENCIES, (number,))
    for position, one in enumerate(dependencies):
        values = (number, position, one.pocket.value, one.component, one.archive)
        await cursor.execute(ADD_DEPENDENCY, values)
        must_find(cursor, "depends-on", one.archive)
