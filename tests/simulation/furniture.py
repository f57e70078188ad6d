"""What is on the farm before anything happens."""

from collections.abc import Sequence
from typing import TypeVar

from attrs import frozen
from twisted.internet.defer import Deferred

from buildd_manager.domain.archives import NewArchive
from buildd_manager.domain.builders import ResetProtocol
from buildd_manager.domain.catalogue import NewBuilder, NewSeries
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import ILibrarian, Store
from tests.simulation.jobs import file_of
from tests.simulation.places import Place


T = TypeVar("T")


#: The archive whose builds are for builders that are made anew, and the other one.
VIRTUAL = "ppa"
REAL = "debian"


@frozen
class Furniture:
    """
    Puts it there, and what is submitted, past all trouble.

    :ivar archives: Of those for which there are builders, the names.
    """

    _store: Store
    _librarian: ILibrarian
    archives: Sequence[str]

    def arrange(self, places: Sequence[Place]) -> None:
        """Put a series, an architecture, archives and builders there."""
        catalogue = self._store.catalogue
        _now(catalogue.add_series(NewSeries(name="bookworm")))
        _now(catalogue.add_architecture("bookworm", "amd64"))
        _now(catalogue.add_archive(NewArchive(name=VIRTUAL, require_virtualized=True)))
        chroot = self._file("chroot.tar.gz", b"chroot")
        _now(catalogue.set_chroot("bookworm", "amd64", chroot))
        for place in places:
            _now(catalogue.add_builder(_builder(place)))

    def source_file(self, name: str, version: str) -> StoredFile:
        """Keep the file of a source."""
        file = file_of(name, version)
        return self._file(file, file.encode())

    def _file(self, name: str, content: bytes) -> StoredFile:
        incoming = self._librarian.receive()
        _now(incoming.write(content))
        return _now(incoming.keep(name, "application/octet-stream"))


def _builder(place: Place) -> NewBuilder:
    return NewBuilder(
        name=place.name,
        url=f"http://{place.name}:8221",
        architectures=("amd64",),
        virtualized=place.protocol is not None,
        vm_host=None if place.protocol is None else "host",
        reset_protocol=place.protocol or ResetProtocol.V1_1,
    )


def _now(waiting: Deferred[T]) -> T:
    """Give what a Deferred has fired with."""
    said: list[T] = []
    waiting.addCallback(said.append)
    return said[0]
