"""All that waits and runs, and all builders, at one moment."""

from collections.abc import Mapping

from attrs import frozen

from buildd_manager.domain.matching import Candidate, WaitingBuild


@frozen
class Running:
    """
    What a builder does just now.

    :ivar elapsed: Seconds since it was given the build.
    :ivar estimate: Seconds that the whole is likely to take.
    """

    build: int
    elapsed: float
    estimate: float


@frozen(kw_only=True)
class Outlook:
    """
    A farm at one moment.

    :ivar estimates: Seconds that each waiting build is likely to take.
    :ivar running: By the number of the builder.
    """

    builds: tuple[WaitingBuild, ...]
    builders: tuple[Candidate, ...]
    estimates: Mapping[int, float]
    running: Mapping[int, Running]
