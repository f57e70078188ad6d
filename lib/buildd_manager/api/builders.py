"""What programs may ask and say about builders."""

from collections.abc import Mapping
from typing import Any

from twisted.web.iweb import IRequest

from buildd_manager.api.requests import choice, json_body, needed
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.builders import builder as shape
from buildd_manager.api.shapes.outlook import why_builder
from buildd_manager.domain.builders import ResetProtocol
from buildd_manager.domain.catalogue import BuilderChange, NewBuilder
from buildd_manager.domain.checks import check_identifier, check_worker_url


#: What builders have, by what it is called here and there.
_LISTS: Mapping[str, str] = {
    "arches": "architectures",
    "resources": "open_resources",
    "restricted_resources": "restricted_resources",
}

#: What else may be said of a new one.
_OF_NEW: Mapping[str, type] = {
    "name": str,
    "url": str,
    "virtualized": bool,
    "vm_host": str,
    "reset_protocol": str,
    "manual": bool,
}


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
        new = _new(json_body(request, **_OF_NEW, **dict.fromkeys(_LISTS, list)))
        added = await self._desk.catalogue.add_builder(new)
        self._desk.changed()
        return answer(request, shape(added), 201)

    @app.route("/api/v1/builders/<name>", methods=["GET"])
    async def show_builder(self, request: IRequest, name: str) -> bytes:
        """Show a builder, and what it builds."""
        return await self._show(request, name)

    @app.route("/api/v1/builders/<name>", methods=["PATCH"])
    async def change_builder(self, request: IRequest, name: str) -> bytes:
        """Change what is said of a builder, and leave the rest."""
        said = json_body(
            request, ok=bool, manual=bool, notes=str, **dict.fromkeys(_LISTS, list)
        )
        change = BuilderChange(
            ok=said.get("ok"),
            manual=said.get("manual"),
            fail_notes=said.get("notes"),
            **_lists(said),
        )
        check_identifier(name, "builder")
        await self._desk.catalogue.change_builder(name, change)
        self._desk.changed()
        return await self._show(request, name)

    @app.route("/api/v1/builders/<name>/clean", methods=["POST"])
    async def set_clean(self, request: IRequest, name: str) -> bytes:
        """Be told that a builder has been made anew."""
        await self._desk.catalogue.set_clean(check_identifier(name, "builder"))
        self._desk.changed()
        return await self._show(request, name)

    @app.route("/api/v1/builders/<name>/why", methods=["GET"])
    async def why(self, request: IRequest, name: str) -> bytes:
        """Tell why a builder is idle."""
        check_identifier(name, "builder")
        await self._desk.catalogue.find_builder(name)
        outlook = await self._desk.queue.outlook()
        told = await self._desk.threads.run(why_builder, name, outlook)
        return answer(request, told)

    async def _show(self, request: IRequest, name: str) -> bytes:
        check_identifier(name, "builder")
        builder, building = await self._desk.catalogue.find_builder(name)
        return answer(request, shape(builder, building))


def _new(said: Mapping[str, Any]) -> NewBuilder:
    protocol = choice(said.get("reset_protocol"), "reset-protocol", ResetProtocol)
    name, url, _ = (needed(said, word) for word in ("name", "url", "arches"))
    return NewBuilder(
        name=name,
        url=check_worker_url(url, "url"),
        virtualized=said.get("virtualized", False),
        vm_host=said.get("vm_host"),
        reset_protocol=protocol or ResetProtocol.V1_1,
        manual=said.get("manual", False),
        **_lists(said),
    )


def _lists(said: Mapping[str, Any]) -> dict[str, Any]:
    return {ours: tuple(said[name]) for name, ours in _LISTS.items() if name in said}
