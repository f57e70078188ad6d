"""Why an attempt came to the end that it came to, by name."""

import re
from collections.abc import Mapping
from enum import Enum

from buildd_manager.domain.reports import Verdict


class Cause(Enum):
    """
    Why an attempt ended without packages.

    The value is the word that the database and the interfaces know.
    """

    PACKAGE = "package"
    DEPENDENCY = "dependency"
    CHROOT = "chroot"
    OUT_OF_MEMORY = "oom"
    DISK_FULL = "disk-full"
    NETWORK = "network"
    TIMEOUT = "timeout"
    SILENCE = "silence"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    GIVEN_BACK = "given-back"
    ABORTED = "aborted"
    NOT_STARTED = "not-started"
    UNACKNOWLEDGED = "unacknowledged"
    BUILDER_LOST = "builder-lost"
    BUILDER_SILENT = "builder-silent"
    BUILDER_FAILED = "builder-failed"
    BUILDER_WITHDRAWN = "builder-withdrawn"
    BAD_RESULT = "bad-result"
    ISOLATION = "isolation"


#: The bytes at the end of a log in which a cause is looked for.
LOOKED_AT = 16 * 1024

#: What a log says near its end; the first that is found is the cause. A package may
#: print any of it, so a name is a hint to people, and changes no state.
_SIGNS: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (Cause.DISK_FULL, re.compile(r"No space left on device")),
    (
        Cause.OUT_OF_MEMORY,
        re.compile(
            r"virtual memory exhausted|[Cc]annot allocate memory"
            r"|Out of memory|OutOfMemoryError|MemoryError"
            r"|internal compiler error: Killed|Killed signal terminated program"
        ),
    ),
    (
        Cause.NETWORK,
        re.compile(
            r"Temporary failure (in name resolution|resolving)"
            r"|Could not resolve|Failed to fetch (https?|ftp):"
        ),
    ),
    (Cause.SILENCE, re.compile(r"minutes of inactivity")),
)

_PLAIN: Mapping[Verdict, Cause] = {
    Verdict.PACKAGEFAIL: Cause.PACKAGE,
    Verdict.DEPFAIL: Cause.DEPENDENCY,
    Verdict.CHROOTFAIL: Cause.CHROOT,
    Verdict.BUILDERFAIL: Cause.BUILDER_FAILED,
    Verdict.GIVENBACK: Cause.GIVEN_BACK,
    Verdict.ABORTED: Cause.ABORTED,
}

_SIGNED = frozenset({Verdict.PACKAGEFAIL, Verdict.CHROOTFAIL, Verdict.BUILDERFAIL})


def cause_of(verdict: Verdict, log_end: str) -> Cause | None:
    """
    Name the cause of a worker's verdict; ``None`` for a success.

    :param log_end: The last :data:`LOOKED_AT` bytes of the log, readable.
    """
    if verdict in _SIGNED:
        for cause, sign in _SIGNS:
            if sign.search(log_end) is not None:
                return cause
    return _PLAIN.get(verdict)
