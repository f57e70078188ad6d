"""Send files of any size, of which never much is in memory, nor a copy on disk."""

import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IConsumer
from twisted.internet.task import CooperativeTask, TaskStopped, cooperate
from twisted.python.failure import Failure
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from buildd_manager.cli.errors import invalid


#: Bytes that are read at a time.
PIECE: Final = 256 * 1024


@implementer(IBodyProducer)
class Body:
    """
    The body of a request, made while it is sent.

    :param pieces: Begins to make it: ``length`` bytes, in pieces.
    """

    def __init__(self, length: int, pieces: Callable[[], Iterator[bytes]]) -> None:
        self.length = length
        self._pieces = pieces
        self._task: CooperativeTask[Iterator[None]] | None = None

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:  # noqa: N802
        writing: Iterator[None] = map(consumer.write, self._pieces())
        self._task = cooperate(writing)
        done: Deferred[Iterator[None]] = self._task.whenDone()
        return done.addCallbacks(lambda _: None, self._ended)

    def pauseProducing(self) -> None:
        if self._task is not None:
            self._task.pause()

    def resumeProducing(self) -> None:
        if self._task is not None:
            self._task.resume()

    def stopProducing(self) -> None:
        if self._task is not None:
            self._task.stop()

    def _ended(self, failure: Failure) -> Deferred[None]:
        """Who has stopped it waits no more; who cancels has not stopped it yet."""
        if failure.trap(TaskStopped, CancelledError) is CancelledError:
            self.stopProducing()
        return Deferred()


def file_body(path: Path) -> Body:
    """
    Send a file as it is.

    :raises CommandLineError: If it is no file, or cannot be read.
    """
    size = _size(path)
    return Body(size, lambda: _content(path, size))


def tar_body(paths: Sequence[Path]) -> Body:
    """
    Send files, of any directories, as a tar.

    :raises CommandLineError: If one is no file, or cannot be read.
    """
    headers = {path: _header(path.name, _size(path)) for path in paths}
    sizes = {path: _size(path) for path in paths}
    ends = 2 * tarfile.BLOCKSIZE
    length = sum(len(h) + _padded(sizes[p]) for p, h in headers.items()) + ends

    def pieces() -> Iterator[bytes]:
        for path, header in headers.items():
            yield header
            yield from _content(path, sizes[path])
            yield bytes(_padded(sizes[path]) - sizes[path])
        yield bytes(ends)

    return Body(length, pieces)


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.GNU_FORMAT)


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _size(path: Path) -> int:
    if not path.is_file():
        raise invalid(path.name, f"{path} is no file", "name a file")
    if not os.access(path, os.R_OK):
        raise invalid(path.name, f"{path} cannot be read", "be somebody who may")
    return path.stat().st_size


def _content(path: Path, size: int) -> Iterator[bytes]:
    """Read just ``size`` bytes, whatever has become of the file meanwhile."""
    with path.open("rb") as file:
        while size > 0:
            if not (piece := file.read(min(PIECE, size))):
                raise invalid(path.name, "it has just become shorter", "try again")
            size -= len(piece)
            yield piece
