"""Where names of jobs come from, as PostgreSQL knows."""

from typing import Any

from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.origins import (
    ELSEWHERE,
    MISMATCH,
    NO_NAME,
    OURS,
    Origin,
    no_such_build,
)


# Each gives: whether it was this builder's, whether it is another's now.
BY_NAME = """
SELECT coalesce(bool_or(builder = %(builder)s), false),
       coalesce(bool_or(state IN ('claimed', 'running', 'gathering')), false)
  FROM attempt WHERE cookie = %(name)s
"""

# Such a name is guessed easily: that a worker says it proves nothing against it.
BY_NUMBERS = """
SELECT coalesce(bool_or(builder = %(builder)s), false), false
  FROM attempt WHERE build = %(build)s AND queue = %(queue)s
"""

HAS_BUILD = "SELECT FROM build WHERE id = %s"


async def origin_of(cursor: Any, builder: int, name: str) -> Origin:
    """Tell what is known of a name that the worker of a builder says."""
    if (cookie := Cookie.parse(name)) is None:
        return NO_NAME
    values = {
        "builder": builder,
        "name": name,
        "build": cookie.build,
        "queue": cookie.queue,
    }
    await cursor.execute(BY_NUMBERS if cookie.nonce is None else BY_NAME, values)
    ours, elsewhere = cursor.fetchone()
    if ours:
        return OURS
    if elsewhere:
        return ELSEWHERE
    await cursor.execute(HAS_BUILD, (cookie.build,))
    return MISMATCH if cursor.rowcount else no_such_build(cookie.build)
