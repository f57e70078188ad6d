"""Files that are kept, and the names that they have."""

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.files import StoredFile
from buildd_manager.ports.workers import IReceiver


class IIncomingFile(IReceiver):
    """A file on its way into the librarian, which nobody sees before its end."""

    def keep(
        name: str, mimetype: str, expected_sha1: str | None = None
    ) -> Deferred[StoredFile]:
        """
        Make the file durable under ``name``; then it survives a power cut.

        :raises BadFileError: If its SHA-1 is not the one expected; it is dropped.
        """

    def drop() -> Deferred[None]:
        """Forget it; harmless after :meth:`keep`."""


class ILibrarian(Interface):
    """
    Keeps files for ever, by their content.

    :raises LibrarianError: By every call, if the files' place fails.
    """

    def receive(*, compressed: bool = False) -> IIncomingFile:
        """Begin a file; gzip it on its way if it is to be ``compressed``."""

    def alias(file: StoredFile, name: str) -> Deferred[StoredFile]:
        """Give what is in ``file`` one more name."""

    def copy(file: StoredFile, directory: str) -> Deferred[None]:
        """Put a copy of ``file``, under its name, into ``directory``."""

    def read(file: StoredFile, offset: int, size: int) -> Deferred[bytes]:
        """Read at most ``size`` bytes from ``offset`` on; fewer at the end."""

    def url_of(file: StoredFile) -> str:
        """Tell where a worker, or anybody, may fetch ``file``."""

    def path_of(file: StoredFile) -> str | None:
        """Tell where ``file`` is on this machine, if it is."""


class IFileIndex(Interface):
    """Remembers which content has which names."""

    def add_file(
        name: str, mimetype: str, size: int, sha1: str, sha256: str
    ) -> Deferred[StoredFile]:
        """Give a content that is already durable one more name."""

    def find_file(alias: int) -> Deferred[StoredFile]:
        """
        Find a file by its alias.

        :raises NotFoundError: If there is none.
        """
