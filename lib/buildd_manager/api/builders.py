"""What programs may ask and say about builders."""

from twisted.web.iweb import IRequest

from buildd_manager.api.requests import json_body, needed
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.builders import builder as shape
from buildd_manager.domain.catalogue import NewBuilder, check_identifier, check_url


class Builders(Room):
    """Builders."""

    app = new_app()

    @app.route("/api/v1/builders", methods=["GET"])
    async def list_builders(self, request: IRequest) -> bytes:
        """List all builders."""
        found = await self._desk.catalogue.builders()
        return answer(request, [shape(one) for one in found])

    @app.route("/api/v1/builders", methods=["POST"])
    async def add_builder(self, request: IRequest) -> bytes:
        """Add a builder."""
        said = json_body(
            request,
            name=str,
            url=str,
            arches=list,
            virtualized=bool,
            vm_host=str,
            manual=bool,
        )
        new = NewBuilder(
            name=needed(said, "name"),
            url=check_url(needed(said, "url"), "url"),
            architectures=tuple(needed(said, "arches")),
            virtualized=said.get("virtualized", False),
            vm_host=said.get("vm_host"),
            manual=said.get("manual", False),
        )
        added = await self._desk.catalogue.add_builder(new)
        self._desk.changed()
        return answer(request, shape(added), 201)

    @app.route("/api/v1/builders/<name>", methods=["GET"])
    async def show_builder(self, request: IRequest, name: str) -> bytes:
        """Show a builder, and what it builds."""
        check_identifier(name, "builder")
        builder, building = await self._desk.catalogue.find_builder(name)
        return answer(request, shape(builder, building))
