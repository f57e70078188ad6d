"""Look into a tar that a stranger has made; every function here blocks."""

import hashlib
import tarfile
from collections.abc import Mapping
from typing import IO, Final

from attrs import frozen

from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.files import check_name


#: Bytes that are read at a time.
PIECE: Final = 256 * 1024

_MOST_FILES: Final = 1_000

#: Whatever tarfile may come to in a header that was made to surprise it.
_BAD_TAR: Final = (
    tarfile.TarError,
    ArithmeticError,
    EOFError,
    LookupError,
    RecursionError,
    ValueError,
)


@frozen
class Member:
    """A file inside of a body."""

    offset: int
    size: int
    sha256: str


def members_of(body: IO[bytes]) -> Mapping[str, Member]:
    """
    Find the files in a tar, and sum them; nothing is extracted.

    :raises InvalidError: If it is no tar, or has anything but plain files in it.
    """
    members: dict[str, Member] = {}
    body.seek(0)
    reader = _PieceReader(body)
    try:
        with tarfile.open(fileobj=reader, mode="r:") as tar:  # type: ignore[call-overload]
            for entry in tar:
                _check_entry(entry, members)
                inside = tar.extractfile(entry)
                sha256 = hashlib.file_digest(inside, "sha256").hexdigest()
                members[entry.name] = Member(entry.offset_data, entry.size, sha256)
    except _BAD_TAR as error:
        fault = f"it is no tar: {error!s:.80}"
        raise InvalidError("body", fault, "send a tar") from error
    return members


def read_at(body: IO[bytes], offset: int, size: int) -> bytes:
    """Read ``size`` bytes from ``offset`` on."""
    body.seek(offset)
    return body.read(size)


@frozen
class _PieceReader:
    """
    A body that is read in pieces only.

    A tar may say that a name, or another remark, has gigabytes, and tarfile would
    read it at once.
    """

    _body: IO[bytes]

    def read(self, size: int) -> bytes:
        if not 0 <= size <= PIECE:
            raise tarfile.ReadError("a header is too large")
        return self._body.read(size)

    def seek(self, offset: int) -> int:
        return self._body.seek(offset)

    def tell(self) -> int:
        return self._body.tell()


def _check_entry(entry: tarfile.TarInfo, members: Mapping[str, Member]) -> None:
    check_name(entry.name, "file")
    if entry.size < 0:
        raise InvalidError(entry.name, "its size is negative", "send a sound tar")
    if not entry.isreg() or entry.issparse():
        raise InvalidError(entry.name, "it is no plain file", "send files only")
    if entry.name in members:
        raise InvalidError(entry.name, "it is there twice", "send it once")
    if len(members) >= _MOST_FILES:
        raise InvalidError("body", "there are too many files", f"send {_MOST_FILES}")
