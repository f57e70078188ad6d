"""What a scan may decide to do, as data."""

from typing import TypeAlias

from attrs import frozen

from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.reports import Waiting


@frozen
class Dispatch:
    """Give the builder the best build that waits for one of its kind."""


@frozen
class KeepTail:
    """Show the end of the log of the attempt to people."""

    assignment: Assignment
    text: str


@frozen
class Collect:
    """Fetch what the attempt has produced, and record it."""

    assignment: Assignment
    finished: Waiting


@frozen
class Abandon:
    """End the attempt without a result: its build goes back to the queue."""

    assignment: Assignment
    reason: str


@frozen
class FailBuilder:
    """Use the builder no more until somebody has seen to it."""

    notes: str


@frozen
class AbortWorker:
    """Tell the worker to end what it does."""


@frozen
class CleanWorker:
    """Tell the worker to forget what it has finished."""


@frozen
class ResetBuilder:
    """Have the virtual machine of the builder made anew."""


@frozen
class MarkClean:
    """Remember that the builder may be given a job."""


@frozen
class KeepVersion:
    """Remember which launchpad-buildd the builder runs."""

    version: str


Step: TypeAlias = (
    Dispatch
    | KeepTail
    | Collect
    | Abandon
    | FailBuilder
    | AbortWorker
    | CleanWorker
    | ResetBuilder
    | MarkClean
    | KeepVersion
)

_CHANGING = (MarkClean, Collect, Abandon, ResetBuilder)


def worth_another_look(steps: tuple[Step, ...]) -> bool:
    """Tell whether there is likely more to do at once, once ``steps`` are done."""
    return any(isinstance(step, _CHANGING) for step in steps)
