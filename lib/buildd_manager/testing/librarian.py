"""A librarian in memory."""

import gzip
import hashlib
from pathlib import Path

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from zope.interface import implementer

from buildd_manager.adapters.librarian.passwords import Passwords
from buildd_manager.domain.errors import BadFileError, LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret
from buildd_manager.ports import IFileIndex, IIncomingFile, ILibrarian


@implementer(IIncomingFile)
@define
class MemoryIncomingFile:
    """A file on its way into memory."""

    contents: dict[str, bytes]
    index: IFileIndex
    compressed: bool
    data: bytearray = field(factory=bytearray)

    def write(self, data: bytes) -> Deferred[None]:
        self.data += data
        return succeed(None)

    def keep(
        self,
        name: str,
        mimetype: str,
        expected_sha1: str | None = None,
        *,
        restricted: bool = False,
    ) -> Deferred[StoredFile]:
        data = bytes(self.data)
        if self.compressed:
            data = gzip.compress(data, mtime=0)
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if expected_sha1 not in {None, sha1}:
            return maybeDeferred(_mismatch, name)
        sha256 = hashlib.sha256(data).hexdigest()
        self.contents[sha256] = data
        return self.index.add_file(
            name, mimetype, len(data), sha1, sha256, restricted=restricted
        )

    def drop(self) -> Deferred[None]:
        self.data.clear()
        return succeed(None)


def _mismatch(name: str) -> StoredFile:
    raise BadFileError(f"{name} does not have the SHA-1 that was promised")


@implementer(ILibrarian)
@frozen
class MemoryLibrarian:
    """
    Keeps files in memory, by their content.

    :ivar contents: Bytes by their SHA-256.
    """

    index: IFileIndex
    base: str = "http://librarian.invalid"
    contents: dict[str, bytes] = field(factory=dict)
    _passwords: Passwords = field(factory=Passwords)

    def receive(self, *, compressed: bool = False) -> IIncomingFile:
        return MemoryIncomingFile(self.contents, self.index, compressed)

    def alias(self, file: StoredFile, name: str) -> Deferred[StoredFile]:
        return self.index.add_file(
            name,
            file.mimetype,
            file.size,
            file.sha1,
            file.sha256,
            restricted=file.restricted,
        )

    def copy(self, file: StoredFile, directory: str) -> Deferred[None]:
        return maybeDeferred(self._copy, file, directory)

    def read(self, file: StoredFile, offset: int, size: int) -> Deferred[bytes]:
        return maybeDeferred(lambda: self._content(file)[offset : offset + size])

    def url_of(self, file: StoredFile) -> str:
        return f"{self.base}/{file.alias}/{file.name}"

    def admit(self, file: StoredFile) -> Secret:
        return self._passwords.grant(file)

    def dismiss(self, password: Secret) -> None:
        self._passwords.take_back(password)

    def lets_in(self, file: StoredFile, password: str) -> bool:
        return self._passwords.opens(password, file)

    def path_of(self, file: StoredFile) -> str | None:  # noqa: ARG002
        return None

    def _copy(self, file: StoredFile, directory: str) -> None:
        Path(directory, file.name).write_bytes(self._content(file))

    def _content(self, file: StoredFile) -> bytes:
        if (data := self.contents.get(file.sha256)) is None:
            raise LibrarianError(f"{file.name} is not kept here")
        return data
