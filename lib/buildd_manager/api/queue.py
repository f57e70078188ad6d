"""What programs may ask about the queue."""

from twisted.web.iweb import IRequest

from buildd_manager.api.builds import LONGEST_LIST
from buildd_manager.api.filters import check_parameters
from buildd_manager.api.requests import number_parameter, parameter
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.outlook import place as shape
from buildd_manager.domain.lineup import lineup
from buildd_manager.domain.queue import BuildFilter


class Queue(Room):
    """Builds that wait, the next one first."""

    app = new_app()

    @app.route("/api/v1/queue", methods=["GET"])
    async def list_queue(self, request: IRequest) -> bytes:
        """List what waits, and what is to be expected of it."""
        check_parameters(request, "arch", "limit")
        limit = number_parameter(request, "limit", least=1) or LONGEST_LIST
        architecture = parameter(request, "arch")
        queue, limit = self._desk.queue, min(limit, LONGEST_LIST)
        outlook = await queue.outlook()
        line = await self._desk.threads.run(lineup, outlook, architecture, limit)
        # Whoever has left the queue meanwhile is shown as it is now.
        ids = frozenset(place.build.id for place in line)
        found = await queue.builds(BuildFilter(ids=ids), None, limit) if ids else ()
        known = {build.id: build for build in found}
        shown = [
            shape(place, known[place.build.id])
            for place in line
            if place.build.id in known
        ]
        return answer(request, shown)
