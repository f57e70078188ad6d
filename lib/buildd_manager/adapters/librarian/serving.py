"""
Hand files to workers, and to anybody, over HTTP: ``/<alias>/<name>``.

A restricted file is had with a password, and any name, as HTTP's Basic has them.
Whoever has none is asked for it: some workers say it at once, others only then.
"""

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import (
    INTERNAL_SERVER_ERROR,
    SERVICE_UNAVAILABLE,
    UNAUTHORIZED,
)
from twisted.web.iweb import IRequest
from twisted.web.pages import errorPage, notFound
from twisted.web.resource import IResource, Resource
from twisted.web.static import File
from twisted.web.util import DeferredResource

from buildd_manager.domain.errors import NotFoundError, StoreUnavailableError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import IFileIndex, ILibrarian


#: What is behind an alias never changes; but not everybody may see it.
_CACHE = b"public, max-age=31536000, immutable"
_NO_CACHE = b"private, no-store"


class Files(Resource):
    """All files, by alias and name; a wrong name is as unknown as a wrong alias."""

    _log = Logger()

    def __init__(self, index: IFileIndex, librarian: ILibrarian) -> None:
        super().__init__()
        self._index = index
        self._librarian = librarian

    def getChild(self, path: bytes, request: IRequest) -> IResource:
        """Find the file of one alias; the rest of the path must be its name."""
        if not (path.isdigit() and len(path) < 19 and len(request.postpath) == 1):  # noqa: PLR2004 - bigint
            return notFound()
        name = request.postpath.pop(0)
        request.prepath.append(name)
        found: Deferred[StoredFile] = self._index.find_file(int(path))
        page = found.addCallback(self._serve, name, request)
        return DeferredResource(page.addErrback(self._excuse))

    def _serve(self, file: StoredFile, name: bytes, request: IRequest) -> IResource:
        path = self._librarian.path_of(file)
        if name != file.name.encode() or path is None:
            return notFound()
        if file.restricted and not self._lets_in(file, request):
            return _Closed()
        return _StoredFilePage(path, file)

    def _lets_in(self, file: StoredFile, request: IRequest) -> bool:
        password = request.getPassword().decode("ascii", "replace")
        return self._librarian.lets_in(file, password)

    def _excuse(self, failure: Failure) -> IResource:
        if failure.check(NotFoundError):
            return notFound()
        if failure.check(StoreUnavailableError):
            return errorPage(SERVICE_UNAVAILABLE, "Not now", "Try again in a while.")
        self._log.failure("a file could not be found", failure)
        return errorPage(INTERNAL_SERVER_ERROR, "Sorry", "This is our fault.")


class _Closed(Resource):
    """Asks for a password, whatever is asked."""

    isLeaf = True

    def render(self, request: IRequest) -> bytes:
        request.setResponseCode(UNAUTHORIZED)
        request.setHeader(b"WWW-Authenticate", b'Basic realm="buildd-manager"')
        request.setHeader(b"Cache-Control", _NO_CACHE)
        return b""


class _StoredFilePage(File):
    """One file, whole or in ranges, as just that type and nothing else."""

    def __init__(self, path: str, file: StoredFile) -> None:
        super().__init__(path)
        self.type, self.encoding = file.mimetype, None
        self._cache = _NO_CACHE if file.restricted else _CACHE

    def render_GET(self, request: IRequest) -> bytes | int:
        request.setHeader(b"Cache-Control", self._cache)
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        request.setHeader(b"Content-Security-Policy", b"default-src 'none'; sandbox")
        page: bytes | int = super().render_GET(request)
        return page
