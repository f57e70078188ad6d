"""Files that are kept, and the names that they have."""

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret
from buildd_manager.ports.workers import IReceiver


class IIncomingFile(IReceiver):
    """A file on its way into the librarian, which nobody sees before its end."""

    def keep(
        name: str,
        mimetype: str,
        expected_sha1: str | None = None,
        *,
        restricted: bool = False,
    ) -> Deferred[StoredFile]:
        """
        Make the file durable under ``name``; then it survives a power cut.

        :param restricted: Whether it is for few people; see :class:`IFileIndex`.
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
        """Give what is in ``file`` one more name, for the same people."""

    def copy(file: StoredFile, directory: str) -> Deferred[None]:
        """Put a copy of ``file``, under its name, into ``directory``."""

    def read(file: StoredFile, offset: int, size: int) -> Deferred[bytes]:
        """Read at most ``size`` bytes from ``offset`` on; fewer at the end."""

    def url_of(file: StoredFile) -> str:
        """Tell where a worker, or anybody who is let in, may fetch ``file``."""

    def admit(file: StoredFile) -> Secret:
        """
        Let in, for the time being, whoever asks for ``file`` with this password.

        It goes with any name, and opens nothing else.
        """

    def dismiss(password: Secret) -> None:
        """Let nobody in with this password any more."""

    def lets_in(file: StoredFile, password: str) -> bool:
        """Tell whether a password opens ``file`` now."""

    def path_of(file: StoredFile) -> str | None:
        """Tell where ``file`` is on this machine, if it is."""


class IFileIndex(Interface):
    """Remembers which content has which names."""

    def add_file(
        name: str,
        mimetype: str,
        size: int,
        sha1: str,
        sha256: str,
        *,
        restricted: bool = False,
    ) -> Deferred[StoredFile]:
        """
        Give a content that is already durable one more name.

        :param restricted: Whether it is for few people; no matter if there is a name
            for all already, since then everybody has the content.
        """

    def find_file(alias: int) -> Deferred[StoredFile]:
        """
        Find a file by its alias.

        :raises NotFoundError: If there is none.
        """
