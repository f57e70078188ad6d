"""Hand results over: a directory for each attempt, and the uploader command."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure
from zope.interface import implementer

from buildd_manager.adapters.commands import Commands, Ended
from buildd_manager.adapters.durability import sync_directory
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.ports import ILibrarian, IUploader


#: The word of the command that stands for the build, as since 2005.
PLACEHOLDER = "BUILDID"


@implementer(IUploader)
@frozen
class DirectoryUploader:
    """
    Lands files in ``<place>/incoming/<attempt>/`` and runs a command on them.

    :ivar argv: The uploader; each word :data:`PLACEHOLDER` becomes the build's number,
        and the directory is the last word. Empty: somebody else looks there.
    :ivar deadline: Seconds that the command may take.
    """

    _place: Path
    _librarian: ILibrarian
    _argv: Sequence[str]
    _commands: Commands
    _deadline: float
    _threads: Threads

    def prepare(self) -> Deferred[None]:
        """Clear away what an earlier life has landed in part, and nobody will again."""
        return self._threads.run(
            shutil.rmtree, self._place / "landing", ignore_errors=True
        )

    def land(self, attempt: int, files: Sequence[StoredFile]) -> Deferred[None]:
        draft = self._place / "landing" / str(attempt)
        chain = self._threads.run(_make_empty, draft)
        for file in files:
            chain.addCallback(self._copy, file, draft)
        chain.addCallback(
            lambda _: self._threads.run(_put, draft, self._directory(attempt), files)
        )
        return chain.addErrback(_ours)

    def upload(self, upload: PendingUpload) -> Deferred[UploadReport]:
        if not self._argv:
            return succeed(UploadReport(ok=True))
        words = [word.replace(PLACEHOLDER, str(upload.build)) for word in self._argv]
        argv = [*words, str(self._directory(upload.attempt))]
        return self._commands.run(argv, self._deadline).addCallback(_report)

    def _copy(self, _: None, file: StoredFile, draft: Path) -> Deferred[None]:
        return self._librarian.copy(file, str(draft))

    def _directory(self, attempt: int) -> Path:
        return self._place / "incoming" / str(attempt)


def _report(ended: Ended) -> UploadReport:
    said = ended.output if ended.ok else f"{ended.output}\n({ended.how})".lstrip()
    return UploadReport(ended.ok, said)


def _ours(failure: Failure) -> NoReturn:
    if isinstance(failure.value, OSError):
        raise LibrarianError(f"cannot land files: {failure.value}") from failure.value
    failure.raiseException()


def _make_empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def _put(draft: Path, target: Path, files: Sequence[StoredFile]) -> None:
    """Give ``draft`` its final name, unless the same is there from a former life."""
    target.parent.mkdir(exist_ok=True)
    sync_directory(target.parent.parent)
    sync_directory(draft)
    if target.exists() and not _holds(target, files):
        shutil.rmtree(target)
    if target.exists():
        shutil.rmtree(draft)
    else:
        draft.rename(target)
    # The former life may have ended before this.
    sync_directory(target.parent)


def _holds(directory: Path, files: Sequence[StoredFile]) -> bool:
    wanted = {file.name: file.sha256 for file in files}
    there = {path.name: path for path in directory.iterdir()}
    return wanted.keys() == there.keys() and all(
        _sha256(path) == wanted[name] for name, path in there.items()
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
