"""The door of the HTTP interface: who may come in, and with how much."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from twisted.web.server import Request, Site

from buildd_manager.adapters.threads import Threads
from buildd_manager.api.problems import NO_TOKEN, Problem, too_large
from buildd_manager.api.requests import LARGEST_JSON
from buildd_manager.api.routes import Routes
from buildd_manager.api.submissions import Submissions
from buildd_manager.ports import ICatalogue, ILibrarian


#: Seconds of silence after which a connection is closed.
PATIENCE = 60


def make_site(
    catalogue: ICatalogue,
    librarian: ILibrarian,
    token: str,
    reactor: Any,
    changed: Callable[[], None],
    largest_submission: int,
) -> Site:
    """
    Make the HTTP interface.

    :param token: The secret that whoever asks must know.
    :param changed: Called when there may be something new to do.
    :param largest_submission: Bytes of a source with its files, or of a chroot.
    """
    threads = Threads(reactor)
    submissions = Submissions(catalogue, librarian, threads)
    routes = Routes(catalogue, librarian, submissions, threads, changed)

    def request(*args: Any, **kwargs: Any) -> BoundedRequest:
        return BoundedRequest(token, largest_submission, *args, **kwargs)

    site = Site(
        routes.app.resource(),
        requestFactory=request,
        timeout=PATIENCE,
        reactor=reactor,
    )
    site.noisy = False
    return site


class BoundedRequest(Request):
    """
    A request that is refused before its body is read, if it has to be.

    Twisted keeps large bodies in a temporary file, and all that come.
    """

    def __init__(self, token: str, largest: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._token = token
        self._largest = largest
        self._left = largest
        self._refused = False

    def gotLength(self, length: int | None) -> None:
        kind = self.requestHeaders.getRawHeaders("content-type", [""])[0]
        if kind.startswith("application/json"):
            self._left = self._largest = LARGEST_JSON
        if not self._is_known():
            self._refuse(NO_TOKEN)
        elif length is not None and length > self._largest:
            self._refuse(too_large(self._largest))
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._refuse(too_large(self._largest))
        elif not self._refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if not self._refused:
            super().requestReceived(command, path, version)

    def _is_known(self) -> bool:
        said = self.requestHeaders.getRawHeaders("authorization", [""])[0]
        return compare_digest(said.encode(), f"Bearer {self._token}".encode())

    def _refuse(self, problem: Problem) -> None:
        """Answer at once, and read no more."""
        if self._refused:
            return
        self._refused = True
        body = problem.body()
        head = (
            f"HTTP/1.1 {problem.status} {problem.title}\r\n"
            "Content-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        assert self.transport is not None  # noqa: S101 - it is just talking to us
        self.transport.write(head.encode() + body)
        self.transport.loseConnection()
