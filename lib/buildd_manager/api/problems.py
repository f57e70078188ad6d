"""What went wrong, in the words of RFC 9457."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from attrs import field, frozen
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest

from buildd_manager.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    RequestError,
    StoreUnavailableError,
)


_log = Logger()


@frozen
class Problem:
    """
    An answer that is a problem.

    :ivar kind: What programs tell problems apart by.
    """

    status: int
    kind: str
    title: str
    detail: str
    more: Mapping[str, str] = field(factory=dict)

    def render(self, request: IRequest) -> bytes:
        """Write the answer."""
        request.setResponseCode(self.status)
        request.setHeader(b"Content-Type", b"application/problem+json")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        return self.body()

    def body(self) -> bytes:
        """Put it as JSON."""
        said: dict[str, Any] = {
            "type": f"urn:buildd-manager:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        return json.dumps(said).encode()


#: The status, kind and title of each error of a request.
_REQUEST_ERRORS: dict[type[RequestError], tuple[int, str, str]] = {
    InvalidError: (422, "invalid", "That is not valid"),
    NotFoundError: (404, "not-found", "There is no such thing"),
    ConflictError: (409, "conflict", "It is already there"),
}


def problem_of(failure: Failure) -> Problem:
    """Tell what to answer; what nobody thought of is logged, with a number."""
    error = failure.value
    for kind, (status, word, title) in _REQUEST_ERRORS.items():
        if isinstance(error, kind):
            more = {"field": error.field, "fault": error.fault, "mend": error.mend}
            return Problem(status, word, title, str(error), more)
    if isinstance(error, StoreUnavailableError):
        detail = "the database cannot be reached; try again in a while"
        return Problem(503, "unavailable", "Not now", detail)
    number = uuid4().hex[:12]
    _log.failure("request failed, {number}", failure, number=number)
    detail = f"this is our fault; it is number {number} in our log"
    return Problem(500, "internal", "Something went wrong", detail)


NO_ROUTE = Problem(404, "not-found", "There is no such thing", "no such address")
NO_METHOD = Problem(405, "method", "It does not do that", "another method may")
NO_TOKEN = Problem(
    401, "unauthorised", "Who are you?", "send Authorization: Bearer and the token"
)


def too_large(limit: int) -> Problem:
    """Say that a body is too large."""
    detail = f"at most {limit} bytes are taken"
    return Problem(413, "too-large", "That is too much", detail)
