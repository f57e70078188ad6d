"""Tell from an error whose fault it may be, and how often it may happen."""

from attrs import frozen

from buildd_manager.domain.blame import Offence
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import (
    BadFileError,
    CommandError,
    LibrarianError,
    NonsenseError,
    NotStartedError,
    RequestError,
    StoreError,
    UnsuitableError,
    UntrustworthyError,
    WorkerError,
)
from buildd_manager.domain.policy import Policy


#: Scans in a row that a file may be bad: a transfer may be disturbed.
BAD_FILES = 3


@frozen
class Accusation:
    """
    What a failed scan may be held against a builder and its job.

    :ivar patience: Scans in a row that may fail like this until it is.
    """

    offence: Offence
    cause: Cause
    patience: int


_OURS = (StoreError, LibrarianError, RequestError)

#: Of each kind of error: the first that fits is taken.
_KNOWN: tuple[tuple[type[Exception], Offence, Cause, int | None], ...] = (
    (UntrustworthyError, Offence.BETRAYAL, Cause.ISOLATION, 1),
    (UnsuitableError, Offence.UNSUITABLE, Cause.NOT_STARTED, 1),
    (NotStartedError, Offence.NOT_STARTED, Cause.NOT_STARTED, 1),
    (CommandError, Offence.RESET_FAILED, Cause.BUILDER_FAILED, 1),
    (NonsenseError, Offence.BAD_RESULT, Cause.BAD_RESULT, 1),
    (BadFileError, Offence.BAD_RESULT, Cause.BAD_RESULT, BAD_FILES),
    (WorkerError, Offence.TROUBLE, Cause.BUILDER_SILENT, None),
    (Exception, Offence.TROUBLE, Cause.BUILDER_FAILED, None),
)


def accuse(error: BaseException, policy: Policy) -> Accusation | None:
    """
    Say what a failed scan is a sign of; ``None`` if it is of our own trouble.

    An error that nobody has thought of counts like an answer that makes no sense, so
    that a scan which always fails does not do so for ever.
    """
    if isinstance(error, _OURS):
        return None
    for kind, offence, cause, patience in _KNOWN:
        if isinstance(error, kind):
            return Accusation(offence, cause, patience or policy.scans)
    raise error
