"""What programs may ask about what was changed."""

from twisted.web.iweb import IRequest

from buildd_manager.api.builds import LONGEST_LIST
from buildd_manager.api.filters import check_parameters, name_among
from buildd_manager.api.requests import (
    choice,
    number_parameter,
    parameter,
    parameters,
)
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.audit import entry as shape
from buildd_manager.domain.audit import Kind


class Audit(Room):
    """What was changed, by whom, and from what to what."""

    app = new_app()

    @app.route("/api/v1/audit", methods=["GET"])
    async def list_entries(self, request: IRequest) -> bytes:
        """List what was changed, the last first; of some things, if that is said."""
        check_parameters(request, "kind", "name", "before", "limit")
        kind = choice(parameter(request, "kind"), "kind", Kind)
        name = name_among({"name": parameters(request, "name")}, "name")
        before = number_parameter(request, "before")
        limit = number_parameter(request, "limit", least=1) or LONGEST_LIST
        limit = min(limit, LONGEST_LIST)
        found = await self._desk.audit.entries(kind, name, before, limit)
        return answer(request, [shape(one) for one in found])
