"""What a hostile worker sends, of ``tests/data/worker``, and what is thought of it."""

from collections.abc import Sequence
from typing import Any
from xmlrpc.client import dumps

from hypothesis import HealthCheck, settings

from buildd_manager.domain import errors
from buildd_manager.domain.errors import BuilddManagerError
from tests.bad_inputs import Case


#: For properties: a busy machine is no reason to fail.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def replies_of(case: Case) -> Sequence[bytes]:
    """Give what is sent, one thing after the other."""
    if "statuses" in case:
        return [_reply(status) for status in case["statuses"]]
    return [reply_of(case)]


def reply_of(case: Case) -> bytes:
    """Give what is sent: as it is, or as a value, or as that of a finished job."""
    if "input" in case:
        return case.bytes_of("input")
    for key in ("status", "answer"):
        if key in case:
            return _reply(case[key])
    finished = {
        "builder_status": "BuilderStatus.WAITING",
        "build_status": "BuildStatus.OK",
        "build_id": "1-1",
        "filemap": case["files"],
    }
    return _reply(finished)


def check_error(
    case: Case, error: Exception | None, wanted: tuple[str, str] | None = None
) -> None:
    """
    Make sure that ``error`` is what the case leads to.

    :param wanted: The error's name, and a part of its words.
    """
    kind, says = wanted or (case["error"], case["says"])
    assert type(error) is error_called(kind), f"{case}: {error!r}"
    check_words(case, str(error), says)


def check_words(case: Case, words: str, says: str) -> None:
    """Make sure that people are told this, in words that can be printed."""
    assert says in words, f"{case}: {words}"
    assert words.isprintable(), f"{case}: {words!r}"


def error_called(name: str) -> type[BuilddManagerError]:
    """Give the error of this name."""
    error: type[BuilddManagerError] = getattr(errors, name)
    return error


def _reply(value: Any) -> bytes:
    return dumps((value,), methodresponse=True).encode()
