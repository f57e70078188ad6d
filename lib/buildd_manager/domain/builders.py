"""A builder: a machine that builds one package at a time for us."""

from enum import Enum

from attrs import frozen

from buildd_manager.domain.errors import LeaseLostError


class CleanState(Enum):
    """
    What we know of the machine's state before it is given a job.

    DIRTY is written before the first side effect on a worker, CLEAN only after
    it was seen idle or reset, so that no job runs where another one ran.
    """

    CLEAN = "clean"
    DIRTY = "dirty"
    CLEANING = "cleaning"


class ResetProtocol(Enum):
    """
    How a virtual builder is made anew.

    V1_1: the reset command ends when the machine is back. V2_0: it ends when the
    request was taken; somebody else tells us when the machine is clean.
    """

    V1_1 = "1.1"
    V2_0 = "2.0"


@frozen(kw_only=True)
class Builder:
    """
    One builder, as the database knows it.

    :ivar url: ``http://host:port`` of its launchpad-buildd, without a path.
    :ivar architectures: Debian architectures that it builds for.
    :ivar virtualized: Whether it is reset by :attr:`vm_host` before each job.
    :ivar vm_host: What the reset command is told, where there is one.
    :ivar open_resources: Tags of what it has: builds may ask for them.
    :ivar restricted_resources: Tags, too; builds that do not ask for all of them are
        kept away.
    :ivar ok: Whether it may be used at all; otherwise :attr:`fail_notes` say why.
    :ivar manual: Whether people give it its work; it is not dispatched to.
    :ivar restless: Seconds for which it has been as :attr:`clean` says.
    :ivar introduced: Whether it has said what it is, and may be what it should be.
    :ivar version: launchpad-buildd's version, once it was heard.
    :ivar failures: Counted failures since its last conclusive result.
    :ivar on_trial: Whether it had failed, and has yet to prove that it is well.
    :ivar trials: How often in a row it was failed since it was last well.
    :ivar trial_due: Whether it is out of use, by us, for long enough.
    """

    id: int
    name: str
    url: str
    architectures: tuple[str, ...]
    virtualized: bool = False
    vm_host: str | None = None
    reset_protocol: ResetProtocol = ResetProtocol.V1_1
    open_resources: tuple[str, ...] = ()
    restricted_resources: tuple[str, ...] = ()
    ok: bool = True
    manual: bool = False
    fail_notes: str | None = None
    clean: CleanState = CleanState.DIRTY
    restless: float = 0.0
    introduced: bool = False
    version: str | None = None
    failures: int = 0
    on_trial: bool = False
    trials: int = 0
    trial_due: bool = False


@frozen(kw_only=True)
class Lease:
    """
    The right of one manager to act on one builder, for a while.

    :ivar owner: The manager's UUID.
    :ivar epoch: Grows each time that the builder changes hands; checked in every
        write, so that a former owner's late write is refused.
    :ivar deadline: The last second, on our own clock, in which a side effect on
        the worker may be begun.
    """

    builder: int
    owner: str
    epoch: int
    deadline: float

    def check(self, now: float, margin: float = 0.0) -> None:
        """
        Make sure that there is time for a side effect that takes ``margin`` seconds.

        :raises LeaseLostError: If there is not.
        """
        if now + margin >= self.deadline:
            raise LeaseLostError(
                f"the lease of builder {self.builder} ends in"
                f" {self.deadline - now:.0f} s: too soon to begin anything"
            )
