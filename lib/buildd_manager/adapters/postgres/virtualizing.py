"""For which builders builds wait, if that has changed."""

from typing import Any


# A build that runs goes on where it is. See Note [Order of locks].
ANEW = """
WITH changed AS (
  UPDATE build b
     SET virtualized = ar.require_virtualized OR NOT a.supports_nonvirtualized
    FROM source s, archive ar, arch_series a
   WHERE s.id = b.source AND ar.id = s.archive AND a.id = b.arch_series
     AND (s.archive = %(archive)s OR b.arch_series = %(arch_series)s)
     AND b.state = 'needs_build' AND NOT b.canary
     AND b.virtualized <> (ar.require_virtualized OR NOT a.supports_nonvirtualized)
  RETURNING b.id, b.virtualized)
UPDATE build_queue q SET virtualized = changed.virtualized
  FROM changed WHERE q.build = changed.id
"""


async def anew(
    cursor: Any, *, archive: int | None = None, arch_series: int | None = None
) -> None:
    """Look again whether what waits for an archive, or on one, is for virtual ones."""
    await cursor.execute(ANEW, {"archive": archive, "arch_series": arch_series})
