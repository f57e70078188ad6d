"""Every address of the HTTP interface begins here."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from twisted.web.resource import Resource
from twisted.web.server import Request

from buildd_manager.api.archives import Archives
from buildd_manager.api.audit import Audit
from buildd_manager.api.binaries import Binaries
from buildd_manager.api.builders import Builders
from buildd_manager.api.builds import Builds
from buildd_manager.api.problems import NOWHERE
from buildd_manager.api.queue import Queue
from buildd_manager.api.rooms import Desk, Room
from buildd_manager.api.series import Series
from buildd_manager.api.sources import Sources


#: Which room is behind ``/api/v1/`` and which word.
ROOMS: Final[Mapping[str, type[Room]]] = {
    "archives": Archives,
    "audit": Audit,
    "binaries": Binaries,
    "builders": Builders,
    "builds": Builds,
    "queue": Queue,
    "series": Series,
    "sources": Sources,
}


class Entrance(Resource):
    """Shows everybody to the right room."""

    isLeaf = True

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._rooms: Mapping[bytes, Resource] = {
            word.encode(): room(desk).app.resource() for word, room in ROOMS.items()
        }

    def render(self, request: Request) -> Any:
        match request.postpath:
            case [b"api", b"v1", word, *rest] if word in self._rooms and _is_text(rest):
                return self._rooms[word].render(request)
        return NOWHERE.render(request)


def _is_text(path: Sequence[bytes]) -> bool:
    """Tell whether klein can read a path; it knows no answer of ours otherwise."""
    try:
        b"/".join(path).decode()
    except UnicodeDecodeError:
        return False
    return True
