"""What programs may ask and say about series, their architectures and chroots."""

from collections.abc import Mapping
from typing import Any

from twisted.web.iweb import IRequest

from buildd_manager.api.bounding import LARGE
from buildd_manager.api.requests import (
    check_kind,
    choice,
    json_body,
    needed,
    parameter,
)
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.series import series as shape
from buildd_manager.domain.catalogue import ArchChange, NewSeries, SeriesChange
from buildd_manager.domain.checks import check_identifier
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus


#: What may be said of a new one.
_OF_NEW: Mapping[str, type] = {
    "name": str,
    "distribution": str,
    "status": str,
    "component": str,
    "components": list,
    "strict_components": bool,
    "nominated_arch": str,
    "archive_lines": list,
}

#: What may be said of an architecture, by what it is called here and there.
_OF_ARCH: Mapping[str, tuple[str, type]] = {
    "enabled": ("enabled", bool),
    "virtualized": ("supports_virtualized", bool),
    "nonvirtualized": ("supports_nonvirtualized", bool),
    "wall": ("wall", float),
    "silence": ("silence", float),
}


class Series(Room):
    """Series, their architectures and chroots."""

    app = new_app()

    @app.route("/api/v1/series", methods=["GET"])
    async def list_series(self, request: IRequest) -> bytes:
        """List all series."""
        found = await self._desk.catalogue.series()
        return answer(request, [shape(one, self._desk.librarian) for one in found])

    @app.route("/api/v1/series", methods=["POST"])
    async def add_series(self, request: IRequest) -> bytes:
        """Add a series."""
        new = _new(json_body(request, **_OF_NEW))
        await self._desk.catalogue.add_series(new)
        return await self._show(request, new.name, 201)

    @app.route("/api/v1/series/<name>", methods=["GET"])
    async def show_series(self, request: IRequest, name: str) -> bytes:
        """Show a series."""
        return await self._show(request, name)

    @app.route("/api/v1/series/<name>", methods=["PATCH"])
    async def change_series(self, request: IRequest, name: str) -> bytes:
        """Change what is said of a series, and leave the rest."""
        said = json_body(
            request, status=str, nominated_arch=str, strict_components=bool
        )
        change = SeriesChange(
            status=choice(said.get("status"), "status", SeriesStatus),
            nominated_architecture=said.get("nominated_arch"),
            strict_components=said.get("strict_components"),
        )
        check_identifier(name, "series")
        await self._desk.catalogue.change_series(name, change)
        self._desk.changed()
        return await self._show(request, name)

    @app.route("/api/v1/series/<name>/architectures", methods=["POST"])
    async def add_architecture(self, request: IRequest, name: str) -> bytes:
        """Build a series for one more architecture."""
        said = json_body(request, architecture=str)
        architecture = check_identifier(needed(said, "architecture"), "arch")
        check_identifier(name, "series")
        await self._desk.catalogue.add_architecture(name, architecture)
        return await self._show(request, name, 201)

    @app.route("/api/v1/series/<name>/architectures/<arch>", methods=["PATCH"])
    async def change_architecture(
        self, request: IRequest, name: str, arch: str
    ) -> bytes:
        """Change what is said of an architecture, and leave the rest."""
        kinds = {word: kind for word, (_, kind) in _OF_ARCH.items()}
        said = json_body(request, **kinds)
        details = {_OF_ARCH[word][0]: value for word, value in said.items()}
        change = ArchChange(**details)
        _check(name, arch)
        await self._desk.catalogue.change_architecture(name, arch, change)
        self._desk.changed()
        return await self._show(request, name)

    @app.route("/api/v1/series/<name>/architectures/<arch>/chroot", methods=["PUT"])
    async def set_chroot(self, request: IRequest, name: str, arch: str) -> bytes:
        """Take a chroot's tarball."""
        check_kind(request, *LARGE)
        _check(name, arch)
        pocket = _pocket(request)
        file = parameter(request, "name") or f"chroot-{name}-{arch}.tar"
        await self._desk.submissions.chroot(request.content, name, arch, pocket, file)
        self._desk.changed()
        return await self._show(request, name)

    @app.route("/api/v1/series/<name>/architectures/<arch>/chroot", methods=["DELETE"])
    async def forget_chroot(self, request: IRequest, name: str, arch: str) -> bytes:
        """Build a pocket in the next one's chroot."""
        _check(name, arch)
        pocket = _pocket(request)
        await self._desk.catalogue.set_chroot(name, arch, None, pocket)
        return await self._show(request, name)

    async def _show(self, request: IRequest, name: str, status: int = 200) -> bytes:
        found = await self._desk.catalogue.find_series(check_identifier(name, "series"))
        return answer(request, shape(found, self._desk.librarian), status)


def _new(said: Mapping[str, Any]) -> NewSeries:
    details = {"name": needed(said, "name"), **said}
    status = choice(details.pop("status", None), "status", SeriesStatus)
    if status is not None:
        details["status"] = status
    details["nominated_architecture"] = details.pop("nominated_arch", None)
    for words in details.keys() & {"components", "archive_lines"}:
        details[words] = tuple(details[words])
    return NewSeries(**details)


def _check(name: str, arch: str) -> None:
    check_identifier(name, "series")
    check_identifier(arch, "arch")


def _pocket(request: IRequest) -> Pocket:
    return choice(parameter(request, "pocket"), "pocket", Pocket) or Pocket.RELEASE
