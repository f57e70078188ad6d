"""A librarian whose shelves break."""

from collections.abc import Callable
from functools import partial

from attrs import frozen
from twisted.internet.defer import Deferred, fail
from zope.interface import implementer

from buildd_manager.domain.errors import LibrarianError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret
from buildd_manager.ports import IIncomingFile, ILibrarian
from tests.simulation.chance import Chance
from tests.simulation.faults import Fault
from tests.simulation.seats import Seat


@implementer(ILibrarian)
@frozen(eq=False)
class Shelves:
    """The librarian as a manager sees it: it takes its time, and fails."""

    _librarian: ILibrarian
    _seat: Seat
    _chance: Chance

    def receive(self, *, compressed: bool = False) -> IIncomingFile:
        incoming = self._librarian.receive(compressed=compressed)
        return _Incoming(incoming, self._seat, self._chance)

    def alias(self, file: StoredFile, name: str) -> Deferred[StoredFile]:
        return self._librarian.alias(file, name)

    def copy(self, file: StoredFile, directory: str) -> Deferred[None]:
        return self._librarian.copy(file, directory)

    def read(self, file: StoredFile, offset: int, size: int) -> Deferred[bytes]:
        return self._librarian.read(file, offset, size)

    def url_of(self, file: StoredFile) -> str:
        return self._librarian.url_of(file)

    def admit(self, file: StoredFile) -> Secret:
        return self._librarian.admit(file)

    def dismiss(self, password: Secret) -> None:
        self._librarian.dismiss(password)

    def lets_in(self, file: StoredFile, password: str) -> bool:
        return self._librarian.lets_in(file, password)

    def path_of(self, file: StoredFile) -> str | None:
        return self._librarian.path_of(file)


@implementer(IIncomingFile)
@frozen(eq=False)
class _Incoming:
    """A file on its way to a shelf that may break."""

    _incoming: IIncomingFile
    _seat: Seat
    _chance: Chance

    def write(self, data: bytes) -> Deferred[None]:
        if self._chance.strikes(Fault.SHELF):
            return fail(LibrarianError("no space left"))
        return self._incoming.write(data)

    def keep(
        self,
        name: str,
        mimetype: str,
        expected_sha1: str | None = None,
        *,
        restricted: bool = False,
    ) -> Deferred[StoredFile]:
        if self._chance.strikes(Fault.SHELF):
            return fail(LibrarianError("input/output error"))
        kept: Deferred[StoredFile] = Deferred()
        seconds = self._chance.of("shelves").choice((0.01, 0.1, 2.0))
        keep = partial(
            self._incoming.keep, name, mimetype, expected_sha1, restricted=restricted
        )
        self._seat.process.after(seconds, _have_kept, kept, keep)
        return kept

    def drop(self) -> Deferred[None]:
        return self._incoming.drop()


def _have_kept(
    kept: Deferred[StoredFile], keep: Callable[[], Deferred[StoredFile]]
) -> None:
    if not kept.called:
        keep().chainDeferred(kept)
