"""Builders, as people see and change them, in PostgreSQL."""

from collections.abc import Iterable
from typing import Any

from buildd_manager.adapters.postgres.auditing import write_down
from buildd_manager.adapters.postgres.finding import must_find
from buildd_manager.adapters.postgres.rows import BUILDER_COLUMNS, builder
from buildd_manager.adapters.postgres.summaries import SUMMARY_COLUMNS, summary
from buildd_manager.domain.audit import Kind, added, edited, made_anew
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.catalogue import BuilderChange, NewBuilder
from buildd_manager.domain.changes import changed_builder
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.queue import BuildSummary


ALL = f"SELECT {BUILDER_COLUMNS} FROM builder b ORDER BY b.name"

ONE = f"SELECT {BUILDER_COLUMNS} FROM builder b WHERE b.name = %s"

# See Note [Order of locks] in submitting.
LOCK = "SELECT FROM builder WHERE name = %s FOR NO KEY UPDATE"

BUILD_ON = f"""
SELECT {SUMMARY_COLUMNS} FROM build_summary v
 WHERE v.id = (SELECT build FROM attempt
                WHERE builder = %s AND state IN ('claimed', 'running', 'gathering'))
"""

ADD = """
INSERT INTO builder (name, url, virtualized, vm_host, reset_protocol, open_resources,
                     restricted_resources, manual)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""

FORGET_ARCHITECTURES = "DELETE FROM builder_architecture WHERE builder = %s"

ADD_ARCHITECTURE = """
INSERT INTO builder_architecture (builder, architecture) VALUES (%s, %s)
"""

CHANGE = """
UPDATE builder
   SET builderok = %(ok)s, manual = %(manual)s, failnotes = %(fail_notes)s,
       open_resources = %(open)s, restricted_resources = %(restricted)s,
       introduced = %(introduced)s, failure_count = %(failures)s,
       on_trial = %(on_trial)s, trials = %(trials)s, clean = %(clean)s,
       date_clean_changed = CASE clean WHEN %(clean)s THEN date_clean_changed
                                       ELSE clock_timestamp() END,
       date_trial = CASE WHEN %(judged)s THEN NULL ELSE date_trial END
 WHERE id = %(id)s
"""

SET_CLEAN = """
UPDATE builder SET clean = 'clean', date_clean_changed = clock_timestamp()
 WHERE name = %s AND virtualized AND reset_protocol = '2.0' AND clean = 'cleaning'
"""


async def find(cursor: Any, name: str) -> tuple[Builder, BuildSummary | None]:
    """Find a builder by its name, and what it builds."""
    found = await _find(cursor, name)
    await cursor.execute(BUILD_ON, (found.id,))
    row = cursor.fetchone()
    return found, None if row is None else summary(row)


async def add(cursor: Any, who: str, new: NewBuilder) -> Builder:
    """Add a builder."""
    values = (
        new.name,
        new.url,
        new.virtualized,
        new.vm_host,
        new.reset_protocol.value,
        list(new.open_resources),
        list(new.restricted_resources),
        new.manual,
    )
    await cursor.execute(ADD, values)
    await _build_for(cursor, cursor.fetchone()[0], new.architectures)
    await write_down(cursor, who, added(Kind.BUILDER, new.name, new))
    return await _find(cursor, new.name)


async def change(cursor: Any, who: str, name: str, what: BuilderChange) -> Builder:
    """Change a builder."""
    await cursor.execute(LOCK, (name,))
    before = await _find(cursor, name)
    after = changed_builder(before, what)
    values = {
        "id": after.id,
        "ok": after.ok,
        "manual": after.manual,
        "fail_notes": after.fail_notes,
        "open": list(after.open_resources),
        "restricted": list(after.restricted_resources),
        "introduced": after.introduced,
        "failures": after.failures,
        "on_trial": after.on_trial,
        "trials": after.trials,
        "clean": after.clean.value,
        "judged": what.ok is not None,
    }
    await cursor.execute(CHANGE, values)
    if what.architectures is not None:
        await _build_for(cursor, after.id, after.architectures)
    done = edited(Kind.BUILDER, name, before, after, BuilderChange)
    await write_down(cursor, who, done)
    return await _find(cursor, name)


async def set_clean(cursor: Any, who: str, name: str) -> Builder:
    """Take a builder for clean that somebody was asked to make anew."""
    await cursor.execute(SET_CLEAN, (name,))
    asked = cursor.rowcount == 1
    found = await _find(cursor, name)
    if not asked:
        fault = f"nobody has asked for a reset of {name}"
        mend = "say so once, after a reset that we have asked for"
        raise ConflictError("builder", fault, mend)
    await write_down(cursor, who, made_anew(name))
    return found


async def _find(cursor: Any, name: str) -> Builder:
    await cursor.execute(ONE, (name,))
    return builder(must_find(cursor, "builder", name))


async def _build_for(cursor: Any, number: int, architectures: Iterable[str]) -> None:
    """Have a builder build for just these."""
    await cursor.execute(FORGET_ARCHITECTURES, (number,))
    for architecture in sorted(set(architectures)):
        await cursor.execute(ADD_ARCHITECTURE, (number, architecture))
