"""Files on a disk, each under the SHA-256 of what is in it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from attrs import Factory, frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from zope.interface import implementer

from buildd_manager.adapters.durability import sync_directory
from buildd_manager.adapters.librarian.incoming import Draft, Sums
from buildd_manager.adapters.librarian.passwords import Passwords
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import LibrarianError, StartError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret
from buildd_manager.ports import IFileIndex, IIncomingFile, ILibrarian


T = TypeVar("T")


@implementer(ILibrarian)
@frozen
class DiskLibrarian:
    """
    Keeps files below one directory, on one file system.

    ``incoming/`` has drafts, which nobody sees; ``objects/aa/bb/<sha256>`` has
    files that are whole, durable and never changed. A file is first durable, then
    named in the index: whoever knows an alias can read the file.

    :ivar base: Where the files are served; asked when an address is needed, since
        a port may be known only after it was opened.
    """

    _root: Path
    _index: IFileIndex
    _threads: Threads
    _base: Callable[[], str]
    _passwords: Passwords = Factory(Passwords)

    def prepare(self) -> Deferred[None]:
        """
        Make the directories, and clear away what an earlier life left half-done.

        :raises StartError: If the place cannot be written to.
        """
        return self._threads.run(_prepare, self._root)

    def receive(self, *, compressed: bool = False) -> IIncomingFile:
        draft = Draft(self._root / "incoming", compressed=compressed)
        return _IncomingFile(self, draft)

    def alias(self, file: StoredFile, name: str) -> Deferred[StoredFile]:
        return self._index.add_file(
            name,
            file.mimetype,
            file.size,
            file.sha1,
            file.sha256,
            restricted=file.restricted,
        )

    def copy(self, file: StoredFile, directory: str) -> Deferred[None]:
        target = Path(directory, file.name)
        return self.guarded(_copy, self._path(file.sha256), target)

    def read(self, file: StoredFile, offset: int, size: int) -> Deferred[bytes]:
        return self.guarded(_read, self._path(file.sha256), offset, size)

    def url_of(self, file: StoredFile) -> str:
        return f"{self._base()}/{file.alias}/{file.name}"

    def admit(self, file: StoredFile) -> Secret:
        return self._passwords.grant(file)

    def dismiss(self, password: Secret) -> None:
        self._passwords.take_back(password)

    def lets_in(self, file: StoredFile, password: str) -> bool:
        return self._passwords.opens(password, file)

    def path_of(self, file: StoredFile) -> str | None:
        return str(self._path(file.sha256))

    def adopt(
        self,
        draft: Draft,
        name: str,
        mimetype: str,
        expected_sha1: str | None,
        *,
        restricted: bool,
    ) -> Deferred[StoredFile]:
        """Make ``draft`` an object, then give it a name."""

        def settle() -> Sums:
            sums = draft.settle(expected_sha1, name)
            path = self._path(sums.sha256)
            _make_directories(path.parent, self._root)
            draft.become(path)
            return sums

        def index(sums: Sums) -> Deferred[StoredFile]:
            return self._index.add_file(
                name,
                mimetype,
                sums.size,
                sums.sha1,
                sums.sha256,
                restricted=restricted,
            )

        return self.guarded(settle).addCallback(index)

    def guarded(self, work: Callable[..., T], *args: object) -> Deferred[T]:
        """Do ``work`` in a thread; the disk's errors become ours."""
        return self._threads.run(work, *args).addErrback(_ours)

    def _path(self, sha256: str) -> Path:
        return self._root / "objects" / sha256[:2] / sha256[2:4] / sha256


@implementer(IIncomingFile)
@frozen
class _IncomingFile:
    """A draft, seen from the reactor's thread."""

    _librarian: DiskLibrarian
    _draft: Draft

    def write(self, data: bytes) -> Deferred[None]:
        return self._librarian.guarded(self._draft.write, data)

    def keep(
        self,
        name: str,
        mimetype: str,
        expected_sha1: str | None = None,
        *,
        restricted: bool = False,
    ) -> Deferred[StoredFile]:
        return self._librarian.adopt(
            self._draft, name, mimetype, expected_sha1, restricted=restricted
        )

    def drop(self) -> Deferred[None]:
        return self._librarian.guarded(self._draft.drop)


def _ours(failure: Failure) -> NoReturn:
    if isinstance(failure.value, OSError):
        raise LibrarianError(str(failure.value)) from failure.value
    failure.raiseException()


def _prepare(root: Path) -> None:
    try:
        (root / "objects").mkdir(parents=True, exist_ok=True)
        shutil.rmtree(root / "incoming", ignore_errors=True)
        (root / "incoming").mkdir()
        sync_directory(root)
    except OSError as error:
        raise StartError(
            f"the librarian cannot keep files in {root}: {error.strerror};"
            " make it writable, or choose another state directory"
        ) from error


def _make_directories(directory: Path, root: Path) -> None:
    """Make ``directory`` below ``root``, each name of it durable in its parent."""
    if directory == root or directory.is_dir():
        return
    _make_directories(directory.parent, root)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
