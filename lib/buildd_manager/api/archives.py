"""What programs may ask and say about archives."""

from collections.abc import Mapping
from typing import Any

from twisted.web.iweb import IRequest

from buildd_manager.api.requests import choice, json_body, needed
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.archives import archive as shape
from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
    check_dependencies,
)
from buildd_manager.domain.checks import check_identifier
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import check_secret


#: What may be said of an archive at any time.
_CHANGEABLE: Mapping[str, type] = {
    "url": str,
    "require_virtualized": bool,
    "security": bool,
    "obsolete": bool,
    "score": int,
    "debug_symbols": bool,
    "external_lines": list,
    "secret": str,
    "signing_key": str,
}


class Archives(Room):
    """Archives, and what they depend on."""

    app = new_app()

    @app.route("/api/v1/archives", methods=["GET"])
    async def list_archives(self, request: IRequest) -> bytes:
        """List all archives."""
        found = await self._desk.catalogue.archives()
        return answer(request, [shape(one) for one in found])

    @app.route("/api/v1/archives", methods=["POST"])
    async def add_archive(self, request: IRequest) -> bytes:
        """Add an archive."""
        said = json_body(
            request,
            name=str,
            purpose=str,
            distribution=str,
            private=bool,
            **_CHANGEABLE,
        )
        details = _details(said)
        for name in ("distribution", "private"):
            if name in said:
                details[name] = said[name]
        purpose = choice(said.get("purpose"), "purpose", Purpose) or Purpose.PPA
        new = NewArchive(name=needed(said, "name"), purpose=purpose, **details)
        return answer(request, shape(await self._desk.catalogue.add_archive(new)), 201)

    @app.route("/api/v1/archives/<name>", methods=["GET"])
    async def show_archive(self, request: IRequest, name: str) -> bytes:
        """Show an archive."""
        check_identifier(name, "archive")
        return answer(request, shape(await self._desk.catalogue.find_archive(name)))

    @app.route("/api/v1/archives/<name>", methods=["PATCH"])
    async def change_archive(self, request: IRequest, name: str) -> bytes:
        """Change what is said of an archive, and leave the rest."""
        said = json_body(request, enabled=bool, **_CHANGEABLE)
        change = ArchiveChange(enabled=said.get("enabled"), **_details(said))
        check_identifier(name, "archive")
        changed = await self._desk.catalogue.change_archive(name, change)
        return self._changed(request, changed)

    @app.route("/api/v1/archives/<name>/dependencies/<other>", methods=["PUT"])
    async def depend(self, request: IRequest, name: str, other: str) -> bytes:
        """Have builds for an archive use packages of another one, too."""
        said = json_body(request, pocket=str, component=str)
        pocket = choice(said.get("pocket"), "pocket", Pocket) or Pocket.RELEASE
        new = Dependency(other, pocket, said.get("component"))
        check_dependencies((new,), check_identifier(name, "archive"))
        changed = await self._desk.catalogue.depend(name, new)
        return self._changed(request, changed)

    @app.route("/api/v1/archives/<name>/dependencies/<other>", methods=["DELETE"])
    async def forget(self, request: IRequest, name: str, other: str) -> bytes:
        """Have builds for an archive use packages of another one no more."""
        check_identifier(name, "archive")
        check_identifier(other, "depends-on")
        changed = await self._desk.catalogue.depend_no_more(name, other)
        return self._changed(request, changed)

    def _changed(self, request: IRequest, archive: Archive) -> bytes:
        self._desk.changed()
        return answer(request, shape(archive))


def _details(said: Mapping[str, Any]) -> dict[str, Any]:
    """Give what may be changed of an archive, as far as it is said."""
    names = {
        "score": "relative_score",
        "debug_symbols": "build_debug_symbols",
        "security": "build_security",
        "obsolete": "build_obsolete",
    }
    details = {
        names.get(name, name): said[name] for name in _CHANGEABLE if name in said
    }
    if "external_lines" in said:
        details["external_lines"] = tuple(said["external_lines"])
    if "secret" in said:
        details["secret"] = check_secret(said["secret"], "secret")
    return details
