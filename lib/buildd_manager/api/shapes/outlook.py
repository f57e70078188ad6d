"""What is to be expected, and why not sooner, as JSON."""

from typing import Any

from buildd_manager.api.shapes.builds import summary
from buildd_manager.domain.estimates import Forecast, remaining
from buildd_manager.domain.lineup import Place
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.queue import BuildSummary
from buildd_manager.domain.reasons import Reason
from buildd_manager.domain.why import Because, why_idle, why_waiting


#: Reasons that are told; a large queue has more for a builder that suits none of it.
MOST = 1000


def why_build(build: int, outlook: Outlook) -> dict[str, Any]:
    """Tell why a build waits, builder by builder."""
    waiting = next((one for one in outlook.builds if one.id == build), None)
    because: tuple[Because, ...] = (Because(Reason.NOT_WAITING, build=build),)
    if waiting is not None:
        because = why_waiting(waiting, outlook.builds, outlook.builders)
    return _told(because, outlook)


def why_builder(name: str, outlook: Outlook) -> dict[str, Any]:
    """Tell why a builder is idle, build by build."""
    (builder,) = (one for one in outlook.builders if one.name == name)
    because = why_idle(builder, outlook.builds, outlook.builders)
    return {"builder": name, "busy": builder.busy, **_told(because, outlook)}


def expected_of(
    build: int, outlook: Outlook, expected: Forecast | None
) -> dict[str, Any]:
    """Tell in how many seconds a build starts and ends, as far as that is known."""
    if expected is not None:
        return {"starts_in": expected.start, "ends_in": expected.completion}
    for running in outlook.running.values():
        if running.build == build:
            return {"starts_in": None, "ends_in": remaining(running)}
    return {"starts_in": None, "ends_in": None}


def place(value: Place, build: BuildSummary) -> dict[str, Any]:
    """Show a build in the queue."""
    expected = value.forecast
    return {
        "position": value.position,
        **summary(build),
        "estimate": value.estimate,
        "starts_in": None if expected is None else expected.start,
        "ends_in": None if expected is None else expected.completion,
        "because": [_reason(reason) for reason in value.reasons],
    }


def _told(because: tuple[Because, ...], outlook: Outlook) -> dict[str, Any]:
    names = {builder.id: builder.name for builder in outlook.builders}
    return {
        "because": [
            {
                **_reason(one.reason),
                "builder": None if one.builder is None else names[one.builder],
                "build": one.build,
            }
            for one in because[:MOST]
        ],
        "left_out": max(0, len(because) - MOST),
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {"reason": reason.value, "words": reason.words}
