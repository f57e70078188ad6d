"""Every address of the HTTP interface, and what is done there."""

import json
from collections.abc import Callable

from klein import Klein
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.server import Request

from buildd_manager.adapters.threads import Threads
from buildd_manager.api import shapes
from buildd_manager.api.bounding import LARGE
from buildd_manager.api.logs import GunzippedFile
from buildd_manager.api.problems import Problems
from buildd_manager.api.requests import (
    check_kind,
    json_body,
    needed,
    number,
    number_parameter,
    parameter,
)
from buildd_manager.api.submissions import Submissions
from buildd_manager.domain.catalogue import (
    NewBuilder,
    NewSeries,
    check_identifier,
    check_url,
)
from buildd_manager.domain.errors import InvalidError
from buildd_manager.ports import ICatalogue, ILibrarian


#: Builds in a list, unless fewer are asked for.
LONGEST_LIST = 200

#: The highest score, and below zero the lowest.
MOST = 1_000_000


def _answer(request: IRequest, value: object, status: int = 200) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json")
    request.setHeader(b"X-Content-Type-Options", b"nosniff")
    return json.dumps(value).encode()


class Routes:
    """
    What people and programs may ask for and say.

    :param changed: Called when there may be something new to do.
    """

    app = Klein()

    def __init__(
        self,
        catalogue: ICatalogue,
        librarian: ILibrarian,
        submissions: Submissions,
        threads: Threads,
        changed: Callable[[], None],
        problems: Problems,
    ) -> None:
        self._catalogue = catalogue
        self._librarian = librarian
        self._submissions = submissions
        self._threads = threads
        self._changed = changed
        self._problems = problems

    @app.handle_errors(Exception)
    def failed(self, request: IRequest, failure: Failure) -> bytes:
        """Answer what went wrong."""
        return self._problems.of(failure).render(request)

    @app.route("/api/v1/series", methods=["GET"])
    async def list_series(self, request: IRequest) -> bytes:
        """List all series."""
        found = await self._catalogue.series()
        return _answer(request, [shapes.series(one, self._librarian) for one in found])

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
        await self._catalogue.add_series(new)
        return await self._show_series(request, new.name, 201)

    @app.route("/api/v1/series/<name>", methods=["GET"])
    async def show_series(self, request: IRequest, name: str) -> bytes:
        """Show a series."""
        return await self._show_series(request, name)

    @app.route("/api/v1/series/<name>/architectures", methods=["POST"])
    async def add_architecture(self, request: IRequest, name: str) -> bytes:
        """Build a series for one more architecture."""
        said = json_body(request, architecture=str)
        architecture = check_identifier(needed(said, "architecture"), "arch")
        check_identifier(name, "series")
        await self._catalogue.add_architecture(name, architecture)
        return await self._show_series(request, name, 201)

    @app.route("/api/v1/series/<name>/architectures/<arch>/chroot", methods=["PUT"])
    async def set_chroot(self, request: IRequest, name: str, arch: str) -> bytes:
        """Take a chroot's tarball."""
        check_kind(request, *LARGE)
        check_identifier(name, "series")
        check_identifier(arch, "arch")
        file = parameter(request, "name") or f"chroot-{name}-{arch}.tar"
        await self._submissions.chroot(request.content, name, arch, file)
        self._changed()
        return await self._show_series(request, name)

    @app.route("/api/v1/builders", methods=["GET"])
    async def list_builders(self, request: IRequest) -> bytes:
        """List all builders."""
        found = await self._catalogue.builders()
        return _answer(request, [shapes.builder(one) for one in found])

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
        added = await self._catalogue.add_builder(new)
        self._changed()
        return _answer(request, shapes.builder(added), 201)

    @app.route("/api/v1/builders/<name>", methods=["GET"])
    async def show_builder(self, request: IRequest, name: str) -> bytes:
        """Show a builder, and what it builds."""
        check_identifier(name, "builder")
        builder, building = await self._catalogue.find_builder(name)
        return _answer(request, shapes.builder(builder, building))

    @app.route("/api/v1/sources", methods=["POST"])
    async def submit(self, request: IRequest) -> bytes:
        """Take a source, and have it built."""
        check_kind(request, *LARGE)
        if (series := parameter(request, "series")) is None:
            raise InvalidError("series", "it is missing", "say ?series=NAME")
        check_identifier(series, "series")
        score = number_parameter(request, "score", -MOST, MOST) or 0
        builds = await self._submissions.source(request.content, series, score)
        self._changed()
        first = builds[0]
        told = {
            "source": first.source,
            "version": first.version,
            "builds": [shapes.summary(build) for build in builds],
        }
        return _answer(request, told, 201)

    @app.route("/api/v1/builds", methods=["GET"])
    async def list_builds(self, request: IRequest) -> bytes:
        """List builds, newest first."""
        before = number_parameter(request, "before")
        limit = number_parameter(request, "limit", least=1) or LONGEST_LIST
        found = await self._catalogue.builds(before, min(limit, LONGEST_LIST))
        return _answer(request, [shapes.summary(build) for build in found])

    @app.route("/api/v1/builds/<build>", methods=["GET"])
    async def show_build(self, request: IRequest, build: str) -> bytes:
        """Show all of a build."""
        found = await self._catalogue.find_build(number(build, "build"))
        return _answer(request, shapes.build(found, self._librarian))

    @app.route("/api/v1/builds/<build>/files", methods=["GET"])
    async def list_files(self, request: IRequest, build: str) -> bytes:
        """List the results of a build."""
        found = await self._catalogue.find_build(number(build, "build"))
        files = [shapes.file(one, self._librarian) for one in found.files]
        return _answer(request, files)

    @app.route("/api/v1/builds/<build>/log", methods=["GET"])
    async def show_log(self, request: Request, build: str) -> bytes:
        """Show the log, or its end while there is no more of it."""
        found = await self._catalogue.find_build(number(build, "build"))
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        if found.log is None:
            return (found.log_tail or "").encode()
        log = GunzippedFile(found.log, self._librarian, self._threads, request)
        await log.send()
        return b""

    async def _show_series(
        self, request: IRequest, name: str, status: int = 200
    ) -> bytes:
        found = await self._catalogue.find_series(check_identifier(name, "series"))
        return _answer(request, shapes.series(found, self._librarian), status)
