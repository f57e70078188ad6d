"""Builds and attempts as JSON."""

from typing import Any

from buildd_manager.api.shapes.files import file, maybe_file, time
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.queue import AttemptDetail, BuildDetail, BuildSummary
from buildd_manager.domain.scores import Term
from buildd_manager.ports import ILibrarian


def summary(value: BuildSummary) -> dict[str, Any]:
    """Show a build in a list."""
    return {
        "id": value.id,
        "source": value.source,
        "version": value.version,
        "archive": value.archive,
        "series": value.series,
        "pocket": value.pocket.value,
        "arch": value.architecture,
        "state": value.state.title,
        "state_id": value.state.value,
        "final": value.state.is_final,
        "cause": _cause(value.cause),
        "score": value.score,
        "builder": value.builder,
        "created": time(value.created),
        "started": time(value.started),
        "finished": time(value.finished),
    }


def build(value: BuildDetail, librarian: ILibrarian) -> dict[str, Any]:
    """Show all of a build."""
    return {
        **summary(value.summary),
        "scored": [_term(term) for term in value.scored.terms],
        "manual_score": value.manual_score,
        "estimate": value.estimate,
        "resources": list(value.resources),
        "first_dispatched": time(value.first_dispatched),
        "dependencies": value.dependencies,
        "log_tail": value.log_tail,
        "log": maybe_file(value.log, librarian),
        "files": [file(one, librarian) for one in value.files],
        "attempts": [attempt(one, librarian) for one in value.attempts],
        "upload_output": value.upload_output,
    }


def attempt(value: AttemptDetail, librarian: ILibrarian) -> dict[str, Any]:
    """Show an attempt."""
    return {
        "id": value.id,
        "number": value.number,
        "builder": value.builder,
        "cookie": value.cookie,
        "state": value.state.value,
        "claimed": time(value.claimed),
        "started": time(value.started),
        "ended": time(value.ended),
        "outcome": value.outcome,
        "cause": _cause(value.cause),
        "log": maybe_file(value.log, librarian),
    }


def _term(value: Term) -> dict[str, Any]:
    return {"id": value.id, "points": value.points, "words": value.words}


def _cause(value: Cause | None) -> str | None:
    return None if value is None else value.value
