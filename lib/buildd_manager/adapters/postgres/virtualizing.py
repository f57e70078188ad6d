"""For which builders builds are, and wait if that has changed."""

from typing import Any


#: Whether a build is for virtual builders only, of an archive and an architecture.
NEEDED = "(ar.require_virtualized OR NOT a.supports_nonvirtualized)"

# A build that runs goes on where it is. See Note [Order of locks] in submitting.
ANEW = f"""
WITH changed AS (
  UPDATE build b SET virtualized = {NEEDED}
    FROM source s, archive ar, arch_series a
   WHERE s.id = b.source AND ar.id = s.archive AND a.id = b.arch_series
     AND (s.archive = %(archive)s OR b.arch_series = %(arch_series)s)
     AND b.state = 'needs_build' AND NOT b.canary
     AND b.virtualized <> {NEEDED}
  RETURNING b.id, b.virtualized)
UPDATE build_queue q SET virtualized = changed.virtualized
  FROM changed WHERE q.build = changed.id
"""

HOLD = """
SELECT FROM build b
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
  JOIN arch_series a ON a.id = b.arch_series
 WHERE b.id = coalesce(%s, (SELECT build FROM attempt WHERE id = %s))
   FOR SHARE OF ar, a
"""


async def hold(
    cursor: Any, *, build: int | None = None, attempt: int | None = None
) -> None:
    """Let nobody change for which builders a build is, until all is done."""
    await cursor.execute(HOLD, (build, attempt))


async def anew(
    cursor: Any, *, archive: int | None = None, arch_series: int | None = None
) -> None:
    """Look again whether what waits for an archive, or on one, is for virtual ones."""
    await cursor.execute(ANEW, {"archive": archive, "arch_series": arch_series})
