"""Files on their way to whoever asks for them, and logs, gunzipped on theirs."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.web.server import Request
from zope.interface import implementer

from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import BuilddManagerError, LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import ILibrarian


#: Bytes that are read, and bytes that are sent, at a time.
PIECE = 64 * 1024


class Pieces:
    """A file, piece by piece, as it is."""

    def __init__(self, file: StoredFile, librarian: ILibrarian) -> None:
        self._file = file
        self._librarian = librarian
        self._offset = 0

    async def next(self) -> bytes:
        """
        Give the next piece; an empty one is the end.

        :raises LibrarianError: If that comes too early.
        """
        data = await self.read()
        if not data and self._offset != self._file.size:
            raise self.cut_short()
        return data

    async def read(self) -> bytes:
        """Read the next piece, if there is one."""
        data = await self._librarian.read(self._file, self._offset, PIECE)
        self._offset += len(data)
        return data

    def cut_short(self) -> LibrarianError:
        """Say that there is less of it than there should be."""
        return LibrarianError(f"{self._file.name} ends too early")


class GunzippedPieces:
    """A file that was gzipped, piece by piece, as it was before."""

    def __init__(
        self, file: StoredFile, librarian: ILibrarian, threads: Threads
    ) -> None:
        self._pieces = Pieces(file, librarian)
        self._threads = threads
        self._gunzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    async def next(self) -> bytes:
        """
        Gunzip the next piece; an empty one is the end.

        :raises LibrarianError: If that comes too early.
        """
        while data := self._gunzip.unconsumed_tail or await self._pieces.read():
            piece = await self._threads.run(self._gunzip.decompress, data, PIECE)
            if piece:
                return piece
        if not self._gunzip.eof:
            raise self._pieces.cut_short()
        return b""


@implementer(IPushProducer)
class Sending:
    """Sends pieces to a request, no faster than that takes them."""

    def __init__(
        self, next_piece: Callable[[], Awaitable[bytes]], request: Request
    ) -> None:
        self._next = next_piece
        self._request = request
        self._wanted = True
        self._paused: Deferred[None] | None = None

    async def send(self) -> None:
        """Send it all, or until nobody wants it any more."""
        # A push producer: a pull producer would be asked all the time, in vain.
        self._request.registerProducer(self, True)  # noqa: FBT003 - Twisted's
        try:
            while self._wanted and (piece := await self._next()):
                if self._wanted:
                    self._request.write(piece)
                if self._paused is not None:
                    await self._paused
        except BuilddManagerError:
            if self._request.startedWriting:
                # Half of it must not look like the whole, so there is no end.
                transport: Any = self._request.transport
                transport.abortConnection()
            raise
        finally:
            # None once the connection is lost; twisted.web does not annotate that.
            if self._request.channel is not None:
                self._request.unregisterProducer()

    def pauseProducing(self) -> None:
        """Send nothing for a while."""
        self._paused = self._paused or Deferred()

    def resumeProducing(self) -> None:
        """Go on."""
        paused, self._paused = self._paused, None
        if paused is not None:
            paused.callback(None)

    def stopProducing(self) -> None:
        """Send no more: whoever asked has gone."""
        self._wanted = False
        self.resumeProducing()
