"""What programs may ask and say about series, their architectures and chroots."""

from twisted.web.iweb import IRequest

from buildd_manager.api.bounding import LARGE
from buildd_manager.api.requests import check_kind, json_body, needed, parameter
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes.series import series as shape
from buildd_manager.domain.catalogue import NewSeries, check_identifier


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
        said = json_body(
            request, name=str, distribution=str, component=str, archive_lines=list
        )
        new = NewSeries(
            name=needed(said, "name"),
            distribution=said.get("distribution", "debian"),
            component=said.get("component", "main"),
            archive_lines=tuple(said["archive_lines"])
            if "archive_lines" in said
            else None,
        )
        await self._desk.catalogue.add_series(new)
        return await self._show(request, new.name, 201)

    @app.route("/api/v1/series/<name>", methods=["GET"])
    async def show_series(self, request: IRequest, name: str) -> bytes:
        """Show a series."""
        return await self._show(request, name)

    @app.route("/api/v1/series/<name>/architectures", methods=["POST"])
    async def add_architecture(self, request: IRequest, name: str) -> bytes:
        """Build a series for one more architecture."""
        said = json_body(request, architecture=str)
        architecture = check_identifier(needed(said, "architecture"), "arch")
        check_identifier(name, "series")
        await self._desk.catalogue.add_architecture(name, architecture)
        return await self._show(request, name, 201)

    @app.route("/api/v1/series/<name>/architectures/<arch>/chroot", methods=["PUT"])
    async def set_chroot(self, request: IRequest, name: str, arch: str) -> bytes:
        """Take a chroot's tarball."""
        check_kind(request, *LARGE)
        check_identifier(name, "series")
        check_identifier(arch, "arch")
        file = parameter(request, "name") or f"chroot-{name}-{arch}.tar"
        await self._desk.submissions.chroot(request.content, name, arch, file)
        self._desk.changed()
        return await self._show(request, name)

    async def _show(self, request: IRequest, name: str, status: int = 200) -> bytes:
        found = await self._desk.catalogue.find_series(check_identifier(name, "series"))
        return answer(request, shape(found, self._desk.librarian), status)
