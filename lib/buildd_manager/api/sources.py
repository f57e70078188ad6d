"""What programs may say about sources."""

from twisted.web.iweb import IRequest

from buildd_manager.api.bounding import LARGE
from buildd_manager.api.changing import MOST
from buildd_manager.api.requests import (
    check_kind,
    choice,
    number_parameter,
    parameter,
    parameters,
)
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.builds import summary
from buildd_manager.api.wishes import Wish
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.scores import Urgency


class Sources(Room):
    """Sources that are sent to be built."""

    app = new_app()

    @app.route("/api/v1/sources", methods=["POST"])
    async def submit(self, request: IRequest) -> bytes:
        """Take a source, and have it built."""
        check_kind(request, *LARGE)
        builds = await self._desk.submissions.source(request.content, _wish(request))
        self._desk.changed()
        first = builds[0]
        told = {
            "source": first.source,
            "version": first.version,
            "builds": [summary(build) for build in builds],
        }
        return answer(request, told, 201)


def _wish(request: IRequest) -> Wish:
    if (series := parameter(request, "series")) is None:
        raise InvalidError("series", "it is missing", "say ?series=NAME")
    pocket = choice(parameter(request, "pocket"), "pocket", Pocket)
    urgency = choice(parameter(request, "urgency"), "urgency", Urgency)
    return Wish(
        series=series,
        archive=parameter(request, "archive"),
        pocket=pocket or Pocket.RELEASE,
        component=parameter(request, "component"),
        urgency=urgency or Urgency.LOW,
        resources=parameters(request, "resource"),
        score=number_parameter(request, "score", -MOST, MOST),
    )
