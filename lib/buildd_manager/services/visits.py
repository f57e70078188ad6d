"""One look at one builder, and all that may be needed to act on it."""

from attrs import frozen

from buildd_manager.domain.builders import Builder, Lease
from buildd_manager.ports import IWorker


@frozen
class Visit:
    """
    A builder that is being looked at.

    :ivar lease: Our right to act on it; to be checked before each side effect.
    """

    builder: Builder
    worker: IWorker
    lease: Lease
