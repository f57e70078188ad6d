"""All steps that things may take: what is not here never happens."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import RETRYABLE, BuildState
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.ports import IBuildStore, IUploadStore
from tests.simulation.facts import BuilderFact


class Use(Enum):
    """Whether a builder is used."""

    WELL = "well"
    OUT = "out of use"
    TRIED = "on trial"


def use_of(builder: BuilderFact) -> Use:
    """Tell whether a builder is used."""
    if not builder.ok:
        return Use.OUT
    return Use.TRIED if builder.on_trial else Use.WELL


_A = AttemptState
_B = BuildState
_C = CleanState

#: The first step is into being.
ATTEMPT = {
    None: {_A.CLAIMED},
    _A.CLAIMED: {_A.RUNNING, _A.ABANDONED},
    _A.RUNNING: {_A.GATHERING, _A.RECORDED, _A.ABANDONED},
    _A.GATHERING: {_A.RECORDED, _A.ABANDONED},
}

BUILD = {
    _B.NEEDS_BUILD: {_B.BUILDING, _B.CANCELLED, _B.SUPERSEDED},
    _B.BUILDING: {
        _B.NEEDS_BUILD,
        _B.GATHERING,
        _B.FAILED_TO_BUILD,
        _B.MANUAL_DEP_WAIT,
        _B.CHROOT_WAIT,
        _B.SUPERSEDED,
        _B.CANCELLING,
    },
    _B.GATHERING: {
        _B.NEEDS_BUILD,
        _B.UPLOADING,
        _B.FAILED_TO_BUILD,
        _B.SUPERSEDED,
    },
    _B.UPLOADING: {_B.FULLY_BUILT, _B.FAILED_TO_UPLOAD},
    _B.CANCELLING: {_B.CANCELLED},
    **{state: {_B.NEEDS_BUILD} for state in RETRYABLE},
}

#: What only tries a builder is claimed as it comes into being, and never uploaded.
CANARY = {None: {_B.BUILDING}, _B.BUILDING: {_B.FULLY_BUILT, _B.CANCELLED}}

MACHINE = {
    _C.DIRTY: {_C.CLEANING, _C.CLEAN},
    _C.CLEANING: {_C.CLEAN, _C.DIRTY},
    _C.CLEAN: {_C.DIRTY},
}

BUILDER = {
    Use.WELL: {Use.OUT},
    Use.OUT: {Use.TRIED, Use.WELL},
    Use.TRIED: {Use.WELL, Use.OUT},
}

#: By the name of the kind of thing.
STEPS: Mapping[str, Mapping[Any, Iterable[Enum]]] = MappingProxyType(
    {
        "attempt": ATTEMPT,
        "build": BUILD,
        "canary": CANARY,
        "machine": MACHINE,
        "builder": BUILDER,
    }
)

#: What becomes of a lease when one asks for all that are free.
LEASES = ("first", "renewed", "taken again", "taken over")

#: How the transactions of managers end, and, of those of whoever has a lease, how else.
_ENDS = ("ok", "refused", "unknown")
_LATE = "LeaseLostError"
_LEASED = (
    *("introduce", "claim", "started", "gathering", "stopping", "keep_log"),
    *("settle", "record", "set_clean", "put_on_trial"),
)


def step(kind: str, before: Enum | None, after: Enum) -> str:
    """Name a step."""
    return f"{kind}: {'new' if before is None else before.value} -> {after.value}"


def all_steps() -> Mapping[str, tuple[str, ...]]:
    """Name all steps that there are, by the kind of thing that takes them."""
    taken = {
        kind: tuple(
            step(kind, before, after)
            for before, afters in steps.items()
            for after in sorted(afters, key=lambda one: str(one.value))
        )
        for kind, steps in STEPS.items()
    }
    names = sorted((*IBuildStore.names(), *IUploadStore.names()))
    ended = [f"transaction: {name} {end}" for name in names for end in _ENDS]
    late = [f"transaction: {name} {_LATE}" for name in _LEASED]
    return {
        **taken,
        "lease": tuple(f"lease: {what}" for what in LEASES),
        "transaction": (*ended, *late),
    }
