"""What a scan may decide to do, as data."""

from typing import TypeAlias

from attrs import frozen

from buildd_manager.domain.blame import Ruling
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.reports import Waiting


@frozen
class Introduce:
    """
    Have the worker say what it is, and remember it.

    :ivar version: launchpad-buildd's, as it has said already.
    """

    version: str | None


@frozen
class Dispatch:
    """Give the builder the best build that waits for one of its kind."""


@frozen
class KeepTail:
    """Show the end of the log of the attempt to people."""

    assignment: Assignment
    text: str


@frozen
class Stop:
    """Call the attempt off: remember why, then tell the worker, once."""

    assignment: Assignment
    cause: Cause


@frozen
class Collect:
    """
    Fetch what the attempt has produced, and record it.

    :ivar state: Where the build goes.
    :ivar cause: Why, if somebody knows better than the log.
    :ivar fault: Why, in words, if the worker's verdict does not say it.
    :ivar acquits: Whether this shows that the builder is well.
    """

    assignment: Assignment
    finished: Waiting
    state: BuildState
    cause: Cause | None = None
    fault: str | None = None
    acquits: bool = True


@frozen
class SaveLog:
    """Keep the log of an attempt that has no result, if there is one."""

    assignment: Assignment


@frozen
class Settle:
    """Do what a judgement orders to an attempt, if there is one, and its builder."""

    assignment: Assignment | None
    ruling: Ruling


@frozen
class Rescue:
    """Tell people that the worker has a job which is none of ours."""

    cookie: str
    reason: str


@frozen
class AbortWorker:
    """Tell the worker to end what it does."""


@frozen
class CleanWorker:
    """Tell the worker to forget what it has finished."""


@frozen
class ResetBuilder:
    """Have the virtual machine of the builder made anew, and wait for it."""


@frozen
class RequestReset:
    """Have it made anew; somebody else tells us when it is clean."""


@frozen
class MarkClean:
    """Remember that the builder may be given a job."""


@frozen
class MarkCleaning:
    """Remember since when it is being cleaned."""


@frozen
class PutOnTrial:
    """Use a builder again that had failed, to see if it is well by now."""


Step: TypeAlias = (
    Introduce
    | Dispatch
    | KeepTail
    | Stop
    | Collect
    | SaveLog
    | Settle
    | Rescue
    | AbortWorker
    | CleanWorker
    | ResetBuilder
    | RequestReset
    | MarkClean
    | MarkCleaning
    | PutOnTrial
)

_CHANGING = (MarkClean, Collect, Settle, ResetBuilder, PutOnTrial)


def worth_another_look(steps: tuple[Step, ...]) -> bool:
    """Tell whether there is likely more to do at once, once ``steps`` are done."""
    return any(isinstance(step, _CHANGING) for step in steps)
