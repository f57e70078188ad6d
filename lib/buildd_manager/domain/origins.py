"""Where the name of a job comes from that a worker says."""

from enum import Enum

from attrs import frozen


class Standing(Enum):
    """
    What the database knows of a name.

    OURS was given to this builder, by an attempt that has ended or has not;
    ELSEWHERE is what another builder builds just now. With MISMATCH there is such a
    build, but no such job; with UNKNOWN there is not even that.
    """

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


@frozen
class Origin:
    """
    A name of a job, and what the database knows of it.

    :ivar reason: Why it is none of ours, in words; 2005's where 2005 had some.
    """

    standing: Standing
    reason: str = ""


OURS = Origin(Standing.OURS)
MISMATCH = Origin(Standing.MISMATCH, "Job build entry mismatch")
ELSEWHERE = Origin(Standing.ELSEWHERE, "another builder has this job")
NO_NAME = Origin(Standing.UNKNOWN, "it is not a name that we give")


def no_such_build(build: int) -> Origin:
    """Say that there is no build of this number."""
    return Origin(
        Standing.UNKNOWN, f"The object Build by the ID {build} does not exist"
    )
