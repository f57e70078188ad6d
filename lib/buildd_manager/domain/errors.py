"""Everything that can go wrong, named by who is to blame."""

from attrs import frozen


class BuilddManagerError(Exception):
    """The root of all our errors."""


# --- the one who asked --------------------------------------------------------------


@frozen(str=False)
class RequestError(BuilddManagerError):
    """
    What was asked for cannot be done as it was asked.

    :ivar field: Which part of the request is at fault, in the asker's words.
    :ivar fault: What is wrong with it.
    :ivar mend: What to do instead.
    """

    field: str
    fault: str
    mend: str

    def __str__(self) -> str:
        return f"{self.field}: {self.fault}; {self.mend}"


class InvalidError(RequestError):
    """It is malformed, incomplete or contradicts itself."""


class NotFoundError(RequestError):
    """It names what does not exist."""


class ConflictError(RequestError):
    """It does not go together with what is already there."""


# --- a worker -----------------------------------------------------------------------


class WorkerError(BuilddManagerError):
    """A worker did not do what a worker does."""


class WorkerUnreachableError(WorkerError):
    """It could not be talked to, or not in time."""


@frozen(str=False)
class WorkerFaultError(WorkerError):
    """
    It answered a call with a fault.

    :ivar code: 8001 for an unknown method, 8002 for everything else.
    :ivar text: Its words, at most 512 characters, control characters escaped.
    """

    code: int
    text: str

    def __str__(self) -> str:
        return f"fault {self.code}: {self.text}"


class BadReplyError(WorkerError):
    """It sent what no worker sends: too much, malformed, or of another shape."""


class UntrustworthyError(BadReplyError):
    """It sent what can only be meant to do harm: a path, an address for a sum."""


class NonsenseError(BadReplyError):
    """It sent what is whole and cannot be meant: to ask again would not help."""


class BadFileError(WorkerError):
    """A file of its is too large, too slow, cut short, or not what it promised."""


class NotStartedError(WorkerError):
    """It did not acknowledge that it builds what it was told to build."""


class UnknownSumError(NotStartedError):
    """It said that it has not got a file which it was to have."""


class UnsuitableError(WorkerError):
    """It is not a worker of the kind that its builder should have."""


# --- what we stand on ---------------------------------------------------------------


class StoreError(BuilddManagerError):
    """The database could not do its part; nothing was changed."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached just now, or not in time."""


class CommitUnknownError(StoreError):
    """The connection was lost while committing: look again before doing it again."""


class LeaseLostError(StoreError):
    """The builder belongs to another manager by now, or to none."""


class OvertakenError(StoreError):
    """The attempt or build is no longer in the state that the change starts from."""


class LibrarianError(BuilddManagerError):
    """A file could not be kept or found."""


class CommandError(BuilddManagerError):
    """A command of the operator's failed, or did not end in time."""


class StartError(BuilddManagerError):
    """The manager cannot run like this; says why, and what to do."""
