"""A file on its way into the librarian: written, summed and gzipped in threads."""

import hashlib
import os
import threading
import zlib
from pathlib import Path
from tempfile import mkstemp

from attrs import frozen

from buildd_manager.adapters.durability import sync_directory
from buildd_manager.domain.errors import BadFileError


#: zlib's word for a gzip header with no time and no name in it.
_GZIP = 16 + zlib.MAX_WBITS


@frozen
class Sums:
    """What is known of a file that has come to its end."""

    size: int
    sha1: str
    sha256: str


class Draft:
    """
    A temporary file, whose every method blocks and belongs into a thread.

    A lock makes :meth:`drop` wait for a write that is still in another thread.
    """

    def __init__(self, directory: Path, *, compressed: bool) -> None:
        self._directory = directory
        self._gzip = zlib.compressobj(6, wbits=_GZIP) if compressed else None
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path: str | None = None

    def write(self, data: bytes) -> None:
        """Append ``data``, gzipped if the file is to be."""
        with self._lock:
            self._append(data if self._gzip is None else self._gzip.compress(data))

    def settle(self, expected_sha1: str | None, name: str) -> Sums:
        """
        Make the file durable and read-only, still under its temporary name.

        :raises BadFileError: If its SHA-1 is not the one expected.
        """
        with self._lock:
            self._append(b"" if self._gzip is None else self._gzip.flush())
            sums = Sums(self._size, self._sha1.hexdigest(), self._sha256.hexdigest())
            if expected_sha1 not in {None, sums.sha1}:
                raise BadFileError(
                    f"{name} has the SHA-1 {sums.sha1}, not {expected_sha1} as promised"
                )
            descriptor = self._open()
            os.fchmod(descriptor, 0o444)
            os.fsync(descriptor)
            return sums

    def become(self, path: Path) -> None:
        """Take the name ``path`` for ever; the same content may be there already."""
        with self._lock:
            if self._path is not None:
                Path(self._path).rename(path)
                self._path = None
            self._close()
        sync_directory(path.parent)

    def drop(self) -> None:
        """Leave nothing behind."""
        with self._lock:
            self._close()
            if self._path is not None:
                Path(self._path).unlink(missing_ok=True)
                self._path = None

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        descriptor = self._open()
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        self._sha1.update(data)
        self._sha256.update(data)
        self._size += len(data)

    def _open(self) -> int:
        if self._file is None:
            self._file, self._path = mkstemp(dir=self._directory)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
