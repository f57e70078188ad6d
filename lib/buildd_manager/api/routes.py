"""Every address of the HTTP interface begins here."""

from collections.abc import Mapping
from typing import Final

from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from werkzeug.exceptions import NotFound

from buildd_manager.api.builders import Builders
from buildd_manager.api.builds import Builds
from buildd_manager.api.rooms import Desk, Room, new_app
from buildd_manager.api.series import Series
from buildd_manager.api.sources import Sources


#: Which room is behind which word.
ROOMS: Final[Mapping[str, type[Room]]] = {
    "builders": Builders,
    "builds": Builds,
    "series": Series,
    "sources": Sources,
}


class Entrance(Room):
    """Shows everybody to the right room."""

    app = new_app()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rooms = {word: make(desk) for word, make in ROOMS.items()}

    @app.route("/api/v1/<word>", branch=True)
    def enter(self, _: IRequest, word: str) -> IResource:
        """Go into a room, if there is one."""
        if word not in self._rooms:
            raise NotFound
        return self._rooms[word].app.resource()
