"""What went wrong, in the words of RFC 9457."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.iweb import IRequest
from werkzeug.exceptions import HTTPException, MethodNotAllowed, UnsupportedMediaType

from buildd_manager.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    RequestError,
    StoreUnavailableError,
)


#: What programs tell problems apart by, and people read, for each status.
_KINDS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("unauthorised", "Who are you?"),
    404: ("not-found", "There is no such thing"),
    405: ("method", "It does not do that"),
    408: ("too-slow", "That took too long"),
    409: ("conflict", "It is already there"),
    413: ("too-large", "That is too much"),
    415: ("media-type", "That is of another kind"),
    422: ("invalid", "That is not valid"),
    500: ("internal", "Something went wrong"),
    503: ("unavailable", "Not now"),
}

_STATUSES: Final[Mapping[type[RequestError], int]] = {
    InvalidError: 422,
    NotFoundError: 404,
    ConflictError: 409,
}


@frozen
class Problem:
    """
    An answer that is a problem.

    :ivar field: Which part of the request is at fault, or ``manager``.
    :ivar fault: What is wrong with it.
    :ivar mend: What to do instead.
    """

    status: int
    field: str
    fault: str
    mend: str

    @property
    def title(self) -> str:
        """Its kind, for people."""
        return _KINDS[self.status][1]

    def render(self, request: IRequest) -> bytes:
        """Make it the answer to ``request``."""
        request.setResponseCode(self.status)
        for name, values in self.headers().getAllRawHeaders():
            request.responseHeaders.setRawHeaders(name, values)
        return self.body()

    def headers(self) -> Headers:
        """Give the headers that go with it."""
        headers = {
            "Content-Type": ["application/problem+json"],
            "X-Content-Type-Options": ["nosniff"],
        }
        if self.status == 401:  # noqa: PLR2004 - HTTP's
            headers["WWW-Authenticate"] = ["Bearer"]
        return Headers(headers)

    def body(self) -> bytes:
        """Put it as JSON."""
        kind, title = _KINDS[self.status]
        said = {
            "type": f"urn:buildd-manager:{kind}",
            "title": title,
            "status": self.status,
            "detail": f"{self.field}: {self.fault}; {self.mend}",
            "field": self.field,
            "fault": self.fault,
            "mend": self.mend,
        }
        return json.dumps(said).encode()


NO_TOKEN: Final = Problem(
    401, "token", "it is missing or wrong", "send Authorization: Bearer and the token"
)
TOO_SLOW: Final = Problem(408, "request", "it took too long", "send it faster")
NOWHERE: Final = Problem(404, "path", "there is nothing", "see the list of addresses")
_AWAY: Final = Problem(
    503, "manager", "its database cannot be reached", "try again in a while"
)


def too_large(limit: int) -> Problem:
    """Say that a body is too large."""
    return Problem(413, "body", "it is too large", f"send {limit} bytes at most")


@frozen
class Problems:
    """
    Tells what to answer.

    :ivar mark: Makes up a number by which a fault of ours is found in the log.
    """

    _mark: Callable[[], str]
    _log = Logger()

    def of(self, failure: Failure) -> Problem:
        """Tell what to answer; what nobody thought of is logged, with a number."""
        error = failure.value
        if isinstance(error, RequestError):
            status = _STATUSES.get(type(error), 422)
            return Problem(status, error.field, error.fault, error.mend)
        if isinstance(error, StoreUnavailableError):
            return _AWAY
        if isinstance(error, HTTPException):
            return _of_http(error)
        number = self._mark()
        self._log.failure("request failed, {number}", failure, number=number)
        fault = f"this is our fault, {number} in its log"
        return Problem(500, "manager", fault, "please report it")


def _of_http(error: HTTPException) -> Problem:
    """Answer where klein found nothing to ask."""
    if isinstance(error, MethodNotAllowed):
        known = ", ".join(sorted(error.valid_methods or ()))
        return Problem(405, "method", "it is not for this address", f"use {known}")
    if isinstance(error, UnsupportedMediaType):
        mend = error.description or "send another one"
        return Problem(415, "content-type", "it will not do", mend)
    return NOWHERE
