"""What all rooms of the HTTP interface have in common."""

import json
from collections.abc import Callable
from typing import ClassVar

from attrs import frozen
from klein import Klein
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest

from buildd_manager.adapters.threads import Threads
from buildd_manager.api.problems import Problems
from buildd_manager.api.submissions import Submissions
from buildd_manager.ports import IAudit, ICatalogue, ILibrarian, IQueue


@frozen(kw_only=True)
class Desk:
    """
    What whoever answers has at hand.

    Changes of ``catalogue`` and ``queue`` are those of whoever may come in.

    :ivar changed: Called when there may be something new to do.
    :ivar published: Called when others have published packages.
    """

    catalogue: ICatalogue
    queue: IQueue
    audit: IAudit
    librarian: ILibrarian
    submissions: Submissions
    threads: Threads
    changed: Callable[[], None]
    published: Callable[[], None]
    problems: Problems


class Room:
    """What may be asked and said about one subject."""

    app: ClassVar[Klein]

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def failed(self, request: IRequest, failure: Failure) -> bytes:
        """Answer what went wrong."""
        return self._desk.problems.of(failure).render(request)


def new_app() -> Klein:
    """Begin the addresses of a room, in which whatever goes wrong is a problem."""
    app = Klein()
    app.handle_errors(Exception)(Room.failed)
    return app


def answer(request: IRequest, value: object, status: int = 200) -> bytes:
    """Answer with JSON."""
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json")
    request.setHeader(b"X-Content-Type-Options", b"nosniff")
    return json.dumps(value).encode()
