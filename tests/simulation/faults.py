"""What may go wrong on a farm, by name."""

from collections.abc import Mapping
from enum import Enum
from random import Random
from types import MappingProxyType


class Fault(Enum):
    """
    A kind of trouble that a simulation may have, or not; people are trouble, too.

    The value is its name for people.
    """

    # Between managers and workers.
    DROP = "drop"  # a request is lost
    MUTE = "mute"  # an answer is lost
    LATE = "late"  # a request arrives when nobody expects it any more
    SLOW = "slow"  # an answer takes seconds
    CUT = "cut"  # a file ends too early
    GARBLE = "garble"  # a file arrives with other bytes
    PARTITION = "partition"  # some machines cannot be reached
    # On workers.
    RESTART = "restart"  # launchpad-buildd is started anew
    REBOOT = "reboot"  # the machine is
    ROLLBACK = "rollback"  # it becomes again what it was minutes ago
    WEDGE = "wedge"  # a build's process is killed: launchpad-buildd waits for ever
    LIE = "lie"  # a status is made up
    THEFT = "theft"  # a worker says the name of another one's job
    POISON = "poison"  # some jobs can never be built
    LEMON = "lemon"  # a builder never works
    # Between managers and the database.
    REFUSE = "refuse"  # a transaction is refused
    UNKNOWN = "unknown"  # the answer to a commit is lost
    STALL = "stall"  # a transaction takes minutes
    OUTAGE = "outage"  # there is no database for a while
    JUMP = "jump"  # the database's clock is set, by minutes
    LEAP = "leap"  # or by a day
    # Managers.
    KILL = "kill"  # kill -9, and started again
    STOP = "stop"  # ended as by an administrator, and started again
    FREEZE = "freeze"  # SIGSTOP, and later SIGCONT
    DRIFT = "drift"  # clocks do not run equally fast
    # Around them.
    SHELF = "shelf"  # the librarian fails
    BOTCH = "botch"  # a machine cannot be made anew
    HANG = "hang"  # that takes for ever, or nobody says that it is done
    REJECT = "reject"  # an upload fails
    DAWDLE = "dawdle"  # it takes minutes
    # What people do.
    CANCEL = "cancel"
    RETRY = "retry"
    RESCORE = "rescore"
    SUPERSEDE = "supersede"
    DISABLE = "disable"


#: How likely each one is, each time that it could be; what is missing happens at times
#: of its own.
RATES: Mapping[Fault, float] = MappingProxyType(
    {
        Fault.DROP: 0.03,
        Fault.MUTE: 0.03,
        Fault.LATE: 0.03,
        Fault.SLOW: 0.1,
        Fault.CUT: 0.05,
        Fault.GARBLE: 0.05,
        Fault.LIE: 0.02,
        Fault.THEFT: 0.01,
        Fault.POISON: 0.25,
        Fault.REFUSE: 0.03,
        Fault.UNKNOWN: 0.03,
        Fault.STALL: 0.01,
        Fault.SHELF: 0.03,
        Fault.BOTCH: 0.1,
        Fault.HANG: 0.1,
        Fault.REJECT: 0.1,
        Fault.DAWDLE: 0.2,
    }
)

#: These are not over when all faults are: there are such builders, jobs and clocks.
LASTING = frozenset({Fault.POISON, Fault.LEMON, Fault.DRIFT})


#: What people do, and nothing else that could keep a build from its end.
CALM = frozenset({Fault.CANCEL, Fault.RETRY, Fault.RESCORE, Fault.SUPERSEDE})

#: With no more trouble than this, whoever does not work is to blame for it. A build
#: that people cancel says nothing of its builder.
BLAMABLE = CALM - {Fault.CANCEL} | {Fault.POISON, Fault.LEMON}

#: How often a world has them at all, where it is not every other one: these leave less
#: to be checked.
_SHARES = {Fault.LEAP: 0.15}


#: How many of all worlds have no trouble but what somebody is to blame for: little may
#: go wrong then.
_QUIET = 0.1


def swarm(seed: int) -> frozenset[Fault]:
    """Choose about half of all kinds, so that rare combinations come about."""
    random = Random(f"{seed}:swarm")
    chosen = frozenset(
        fault for fault in Fault if random.random() < _SHARES.get(fault, 0.5)
    )
    return chosen & BLAMABLE if random.random() < _QUIET else chosen


def parse(names: str) -> frozenset[Fault]:
    """Read the names of faults, with commas between them."""
    return frozenset(Fault(name) for name in names.split(",") if name)


def names_of(faults: frozenset[Fault]) -> str:
    """Write the names of faults as :func:`parse` reads them."""
    return ",".join(sorted(fault.value for fault in faults))
