"""Make builders anew, and have them say what they are."""

from attrs import frozen
from twisted.internet.defer import Deferred

from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.errors import UnsuitableError
from buildd_manager.domain.jobs import TAG
from buildd_manager.ports import IBuildStore, IResetter
from buildd_manager.services.visits import Visit


#: What launchpad-buildd has said since 2005, and says today.
PROTOCOL = "1.0"


@frozen
class Renewing:
    """Brings builders to a state in which they may be given a job."""

    _store: IBuildStore
    _resetter: IResetter

    def introduce(self, visit: Visit, version: str | None) -> Deferred[None]:
        """
        Have the worker say what it is, as it was asked since 2005.

        :raises UnsuitableError: If its builder is said to be something else.
        """
        return (
            visit.worker.echo("Test")
            .addCallback(_check_echo)
            .addCallback(lambda _: visit.worker.info())
            .addCallback(_check_info, visit.builder)
            .addCallback(lambda _: self._store.introduce(visit.lease, version))
        )

    def reset(self, visit: Visit) -> Deferred[None]:
        """Have the machine made anew; it is clean when it is back."""
        chain = self.say(visit, CleanState.CLEANING)
        chain.addCallback(lambda _: visit.check())
        chain.addCallback(lambda _: self._resetter.reset(visit.builder))
        # The first packet after a reset tends to get lost: send one to lose.
        chain.addCallback(lambda _: visit.worker.echo("ping"))
        before, after = CleanState.CLEANING, CleanState.CLEAN
        return chain.addCallback(
            lambda _: self._store.set_clean(visit.lease, before, after)
        )

    def request_reset(self, visit: Visit) -> Deferred[None]:
        """Have the machine made anew by somebody who tells us when it is."""
        chain = self._resetter.reset(visit.builder)
        return chain.addCallback(lambda _: self.say(visit, CleanState.CLEANING))

    def say(self, visit: Visit, clean: CleanState) -> Deferred[None]:
        """Remember what the builder is by now, unless somebody else knows better."""
        return self._store.set_clean(visit.lease, visit.builder.clean, clean)


def _check_echo(said: object) -> None:
    if said not in (["Test"], ("Test",)):
        raise UnsuitableError("it does not repeat what it is told")


def _check_info(told: tuple[str, str, tuple[str, ...]], builder: Builder) -> None:
    protocol, architecture, tags = told
    if protocol != PROTOCOL:
        raise UnsuitableError(f"it speaks protocol {protocol!a}, not {PROTOCOL}")
    if architecture not in builder.architectures:
        ours = ", ".join(builder.architectures)
        raise UnsuitableError(f"it builds for {architecture!a}, not for {ours}")
    if TAG not in tags:
        raise UnsuitableError(f"it does not build {TAG}: it has {', '.join(tags)!a}")
