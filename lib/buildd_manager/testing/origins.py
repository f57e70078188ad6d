"""Where names of jobs come from, in memory."""

from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.jobs import LIVE
from buildd_manager.domain.origins import (
    ELSEWHERE,
    MISMATCH,
    NO_NAME,
    OURS,
    Origin,
    no_such_build,
)
from buildd_manager.testing.rows import AttemptRow, Rows


def origin_of(rows: Rows, builder: int, name: str) -> Origin:
    """Tell what is known of a name that the worker of a builder says."""
    if (cookie := Cookie.parse(name)) is None:
        return NO_NAME
    known = [one for one in rows.attempts.values() if _is_named(one, name, cookie)]
    if any(one.builder == builder for one in known):
        return OURS
    if cookie.nonce is not None and any(one.state in LIVE for one in known):
        return ELSEWHERE
    return MISMATCH if cookie.build in rows.builds else no_such_build(cookie.build)


def _is_named(attempt: AttemptRow, name: str, cookie: Cookie) -> bool:
    if cookie.nonce is not None:
        return str(attempt.cookie) == name
    return (attempt.build.id, attempt.queue) == (cookie.build, cookie.queue)
