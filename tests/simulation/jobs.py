"""What is built, and what comes of it: the name of a source tells."""

from collections.abc import Callable, Mapping
from enum import Enum
from random import Random
from types import MappingProxyType

from attrs import evolve

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.buildd_plans import Plan


_S = BuildState


class Kind(Enum):
    """What comes of every build of a source."""

    GOOD = "good"
    FAILING = "failing"
    LACKING = "lacking"
    ROOTLESS = "rootless"
    # Poison: nothing will ever come of these, and some harm their builders.
    EMPTY = "empty"
    BREAKING = "breaking"
    RETURNED = "returned"
    HANGING = "hanging"
    STUBBORN = "stubborn"
    CRASHING = "crashing"
    WEDGING = "wedging"


ORDINARY = (*[Kind.GOOD] * 7, Kind.FAILING, Kind.LACKING, Kind.ROOTLESS)
POISON = tuple(kind for kind in Kind if kind not in ORDINARY)

#: Where a build may end, whatever happens to it, if nobody wants it ended.
ENDS: Mapping[Kind, frozenset[BuildState]] = MappingProxyType(
    {kind: frozenset({_S.FAILED_TO_BUILD}) for kind in Kind}
    | {
        Kind.GOOD: frozenset({_S.FULLY_BUILT, _S.FAILED_TO_UPLOAD, _S.FAILED_TO_BUILD}),
        Kind.LACKING: frozenset({_S.MANUAL_DEP_WAIT, _S.FAILED_TO_BUILD}),
        Kind.ROOTLESS: frozenset({_S.CHROOT_WAIT, _S.FAILED_TO_BUILD}),
    }
)

_CHANGES: Mapping[Kind, Callable[[Plan], Plan]] = {
    Kind.GOOD: lambda plan: plan,
    Kind.FAILING: lambda plan: evolve(plan, verdict=Verdict.PACKAGEFAIL),
    Kind.LACKING: lambda plan: evolve(
        plan, verdict=Verdict.DEPFAIL, dependencies="libfoo-dev (>= 2)"
    ),
    Kind.ROOTLESS: lambda plan: evolve(plan, verdict=Verdict.CHROOTFAIL),
    Kind.EMPTY: lambda plan: evolve(plan, files={"good_1_amd64.deb": "deb"}),
    Kind.BREAKING: lambda plan: evolve(plan, verdict=Verdict.BUILDERFAIL),
    Kind.RETURNED: lambda plan: evolve(plan, verdict=Verdict.GIVENBACK),
    Kind.HANGING: lambda plan: evolve(plan, verdict=None),
    Kind.STUBBORN: lambda plan: evolve(plan, verdict=None, dying=200.0),
    Kind.CRASHING: lambda plan: evolve(plan, seconds=300.0),
    Kind.WEDGING: lambda plan: plan,
}


def kind_of(name: str) -> Kind:
    """Read the kind from the name of a source, or of one of its files."""
    return Kind(name.split("-", maxsplit=1)[0])


def name_of(kind: Kind, number: int) -> str:
    """Name a source."""
    return f"{kind.value}-{number}"


def file_of(name: str, version: str) -> str:
    """Name the file of a source; without a ``.dsc``, launchpad-buildd wedges."""
    suffix = "tar.gz" if kind_of(name) is Kind.WEDGING else "dsc"
    return f"{name}_{version}.{suffix}"


def plan_of(name: str, random: Random) -> Plan:
    """Tell what comes of one build."""
    longest = 1500 if random.random() < 0.15 else 400
    seconds = random.uniform(10, longest)
    # Enough of it that nobody takes it for silent.
    plan = Plan(seconds=seconds, log=int(seconds) + random.randrange(4000))
    return _CHANGES[kind_of(name)](plan)
