"""What programs may ask and say about builds."""

from twisted.web.iweb import IRequest
from twisted.web.server import Request

from buildd_manager.api.logs import GunzippedFile
from buildd_manager.api.requests import number, number_parameter
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes import builds as shapes
from buildd_manager.api.shapes.files import file
from buildd_manager.domain.queue import BuildFilter


#: Builds in a list, unless fewer are asked for.
LONGEST_LIST = 200


class Builds(Room):
    """Builds, their logs and files."""

    app = new_app()

    @app.route("/api/v1/builds", methods=["GET"])
    async def list_builds(self, request: IRequest) -> bytes:
        """List builds, newest first."""
        before = number_parameter(request, "before")
        limit = number_parameter(request, "limit", least=1) or LONGEST_LIST
        found = await self._desk.queue.builds(
            BuildFilter(), before, min(limit, LONGEST_LIST)
        )
        return answer(request, [shapes.summary(build) for build in found])

    @app.route("/api/v1/builds/<build>", methods=["GET"])
    async def show_build(self, request: IRequest, build: str) -> bytes:
        """Show all of a build."""
        found = await self._desk.queue.find_build(number(build, "build"))
        return answer(request, shapes.build(found, self._desk.librarian))

    @app.route("/api/v1/builds/<build>/files", methods=["GET"])
    async def list_files(self, request: IRequest, build: str) -> bytes:
        """List the results of a build."""
        found = await self._desk.queue.find_build(number(build, "build"))
        files = [file(one, self._desk.librarian) for one in found.files]
        return answer(request, files)

    @app.route("/api/v1/builds/<build>/log", methods=["GET"])
    async def show_log(self, request: Request, build: str) -> bytes:
        """Show the log, or its end while there is no more of it."""
        found = await self._desk.queue.find_build(number(build, "build"))
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        if found.log is None:
            return (found.log_tail or "").encode()
        librarian, threads = self._desk.librarian, self._desk.threads
        await GunzippedFile(found.log, librarian, threads, request).send()
        return b""
