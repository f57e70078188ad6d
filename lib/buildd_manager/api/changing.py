"""What people say to builds, one or many."""

from typing import Any

from twisted.web.iweb import IRequest

from buildd_manager.api.filters import WORDS, filter_in_body
from buildd_manager.api.requests import json_body
from buildd_manager.api.shapes.builds import summary
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.queue import BuildFilter
from buildd_manager.ports import IQueue
from buildd_manager.services.retrying import Outcome, retry_all


#: The highest score, and below zero the lowest.
MOST = 1_000_000

#: Builds that are retried for one request; whoever asks goes on with the rest.
MOST_AT_ONCE = 200


def score_in_body(request: IRequest) -> int | None:
    """
    Read a score; ``None`` is ours.

    :raises InvalidError: If there is none, or two.
    """
    said = json_body(request, score=int, automatic=bool)
    score, automatic = said.get("score"), said.get("automatic", False)
    if (score is None) is not automatic:
        raise InvalidError("score", "it is missing, or automatic, too", "give one")
    if score is not None and abs(score) > MOST:
        raise InvalidError("score", f"{score} is too much", f"use -{MOST} to {MOST}")
    return None if score is None else int(score)


def check_silent(request: IRequest) -> None:
    """
    Make sure that nothing is said about how it is to be done.

    :raises InvalidError: If anything is.
    """
    if request.content.read().strip() not in {b"", b"{}"}:
        raise InvalidError("body", "nothing is asked for", "leave it out")


async def retry_many(request: IRequest, queue: IQueue) -> dict[str, Any]:
    """Retry all builds that are meant, or tell which would be."""
    said = json_body(request, before=int, limit=int, dry_run=bool, **WORDS)
    if not said.keys() & WORDS.keys():
        mend = f"say which, by {', '.join(WORDS)}"
        raise InvalidError("filter", "all builds are meant", mend)
    wanted: BuildFilter = filter_in_body(said)
    limit = said.get("limit", MOST_AT_ONCE)
    if limit < 1:
        raise InvalidError("limit", f"{limit} is none", "give 1 or more")
    dry_run = said.get("dry_run", False)
    before, limit = said.get("before"), min(limit, MOST_AT_ONCE)
    outcome = await retry_all(queue, wanted, before, limit, dry_run=dry_run)
    return {"dry_run": dry_run, **_shown(outcome)}


def _shown(outcome: Outcome) -> dict[str, Any]:
    return {
        "retried": [summary(build) for build in outcome.retried],
        "refused": [
            {
                **summary(refusal.build),
                "fault": refusal.error.fault,
                "mend": refusal.error.mend,
            }
            for refusal in outcome.refused
        ],
        "rest": outcome.rest,
    }
