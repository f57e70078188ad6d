"""What a worker says that it is doing."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from attrs import field, frozen


class Verdict(Enum):
    """What a worker thinks of the build that it has finished."""

    OK = "BuildStatus.OK"
    PACKAGEFAIL = "BuildStatus.PACKAGEFAIL"
    DEPFAIL = "BuildStatus.DEPFAIL"
    CHROOTFAIL = "BuildStatus.CHROOTFAIL"
    BUILDERFAIL = "BuildStatus.BUILDERFAIL"
    GIVENBACK = "BuildStatus.GIVENBACK"
    ABORTED = "BuildStatus.ABORTED"


@frozen
class Idle:
    """
    It waits for a job.

    :ivar version: launchpad-buildd's version, where it was told.
    """

    version: str | None = None


@frozen
class Building:
    """
    It builds.

    :ivar cookie: Its name for the job.
    :ivar tail: The last bytes of the log, 2 KiB at most, perhaps in mid-character.
    """

    cookie: str
    tail: bytes = b""


@frozen
class Aborting:
    """It is ending the processes of a job that was called off."""

    cookie: str


@frozen
class Aborted:
    """It has ended a job that was called off: 2005's word, today it is Waiting."""

    cookie: str


@frozen
class Waiting:
    """
    It has finished, and waits for us to fetch what there is.

    :ivar files: The SHA-1 of each result by its name; names and sums were checked.
    :ivar dependencies: What is missing, for DEPFAIL; the worker's words.
    """

    cookie: str
    verdict: Verdict
    files: Mapping[str, str] = field(factory=dict)
    dependencies: str = ""


@frozen
class Garbled:
    """
    It has finished, and says of it what cannot be meant.

    :ivar why: What is wrong with that.
    """

    cookie: str
    why: str


@frozen
class Unasked:
    """It was not asked: whatever it says would change nothing."""


Report: TypeAlias = Unasked | Idle | Building | Aborting | Aborted | Waiting | Garbled
