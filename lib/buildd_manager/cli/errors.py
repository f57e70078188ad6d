"""What the command line says when something went wrong, and how it ends."""

from attrs import frozen


# Exit statuses; stable, since scripts depend on them.
OK = 0
BUG = 1
INVALID = 2
UNREACHABLE = 3
UNAUTHORISED = 4
NOT_FOUND = 5
CONFLICT = 6
NOT_BUILT = 10
INTERRUPTED = 130


@frozen(str=False)
class CommandLineError(Exception):
    """
    An end that is not a good one.

    :ivar field: What it is about.
    :ivar fault: What is wrong with it.
    :ivar mend: What to do.
    """

    status: int
    field: str
    fault: str
    mend: str

    def __str__(self) -> str:
        return f"{self.field}: {self.fault}; {self.mend}"


def invalid(field: str, fault: str, mend: str) -> CommandLineError:
    """Say that what was given is no good."""
    return CommandLineError(INVALID, field, fault, mend)


def unreachable(url: str, fault: str) -> CommandLineError:
    """Say that nobody answers."""
    mend = "see whether the manager runs, or name another --state or --url"
    return CommandLineError(UNREACHABLE, "manager", f"{url}: {fault}", mend)


#: How a status of HTTP ends a command; others are somebody's bug.
STATUSES = {
    400: INVALID,
    401: UNAUTHORISED,
    403: UNAUTHORISED,
    404: NOT_FOUND,
    405: INVALID,
    408: INVALID,
    409: CONFLICT,
    413: INVALID,
    415: INVALID,
    422: INVALID,
    503: UNREACHABLE,
}
