"""Hand files to workers, and to anybody, over HTTP: ``/<alias>/<name>``."""

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import INTERNAL_SERVER_ERROR, SERVICE_UNAVAILABLE
from twisted.web.iweb import IRequest
from twisted.web.pages import errorPage, notFound
from twisted.web.resource import IResource, Resource
from twisted.web.static import File
from twisted.web.util import DeferredResource

from buildd_manager.domain.errors import NotFoundError, StoreUnavailableError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import IFileIndex, ILibrarian


#: What is behind an alias never changes.
_CACHE = b"public, max-age=31536000, immutable"


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
        page = found.addCallback(self._serve, name)
        return DeferredResource(page.addErrback(self._excuse))

    def _serve(self, file: StoredFile, name: bytes) -> IResource:
        path = self._librarian.path_of(file)
        if name != file.name.encode() or path is None:
            return notFound()
        return _StoredFilePage(path, file.mimetype)

    def _excuse(self, failure: Failure) -> IResource:
        if failure.check(NotFoundError):
            return notFound()
        if failure.check(StoreUnavailableError):
            return errorPage(SERVICE_UNAVAILABLE, "Not now", "Try again in a while.")
        self._log.failure("a file could not be found", failure)
        return errorPage(INTERNAL_SERVER_ERROR, "Sorry", "This is our fault.")


class _StoredFilePage(File):
    """One file, whole or in ranges, as just that type and nothing else."""

    def __init__(self, path: str, mimetype: str) -> None:
        super().__init__(path)
        self.type, self.encoding = mimetype, None

    def render_GET(self, request: IRequest) -> bytes | int:
        request.setHeader(b"Cache-Control", _CACHE)
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        request.setHeader(b"Content-Security-Policy", b"default-src 'none'; sandbox")
        page: bytes | int = super().render_GET(request)
        return page
