"""What programs may say about sources."""

from twisted.web.iweb import IRequest

from buildd_manager.api.bounding import LARGE
from buildd_manager.api.requests import check_kind, number_parameter, parameter
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.builds import summary
from buildd_manager.domain.catalogue import check_identifier
from buildd_manager.domain.errors import InvalidError


#: The highest score, and below zero the lowest.
MOST = 1_000_000


class Sources(Room):
    """Sources that are sent to be built."""

    app = new_app()

    @app.route("/api/v1/sources", methods=["POST"])
    async def submit(self, request: IRequest) -> bytes:
        """Take a source, and have it built."""
        check_kind(request, *LARGE)
        if (series := parameter(request, "series")) is None:
            raise InvalidError("series", "it is missing", "say ?series=NAME")
        check_identifier(series, "series")
        score = number_parameter(request, "score", -MOST, MOST) or 0
        builds = await self._desk.submissions.source(request.content, series, score)
        self._desk.changed()
        first = builds[0]
        told = {
            "source": first.source,
            "version": first.version,
            "builds": [summary(build) for build in builds],
        }
        return answer(request, told, 201)
