"""What programs may ask and say about builds."""

from twisted.web.iweb import IRequest
from twisted.web.server import Request

from buildd_manager.api.changing import (
    check_silent,
    retry_many,
    score_in_body,
)
from buildd_manager.api.filters import WORDS, check_parameters, filter_in_address
from buildd_manager.api.logs import GunzippedPieces, Pieces, Sending
from buildd_manager.api.requests import number, number_parameter
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.api.shapes import builds as shapes
from buildd_manager.api.shapes.files import file
from buildd_manager.api.shapes.outlook import expected_of, why_build
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.estimates import forecast
from buildd_manager.domain.files import StoredFile


#: Builds in a list, unless fewer are asked for.
LONGEST_LIST = 200


class Builds(Room):
    """Builds, their logs and files."""

    app = new_app()

    @app.route("/api/v1/builds", methods=["GET"])
    async def list_builds(self, request: IRequest) -> bytes:
        """List the builds that are meant, newest first."""
        check_parameters(request, "before", "limit", *WORDS)
        before = number_parameter(request, "before")
        limit = number_parameter(request, "limit", least=1) or LONGEST_LIST
        wanted = filter_in_address(request)
        queue = self._desk.queue
        found = await queue.builds(wanted, before, min(limit, LONGEST_LIST))
        return answer(request, [shapes.summary(build) for build in found])

    @app.route("/api/v1/builds/retry", methods=["POST"])
    async def retry_builds(self, request: IRequest) -> bytes:
        """Retry all builds that are meant."""
        told = await retry_many(request, self._desk.queue)
        self._desk.changed()
        return answer(request, told)

    @app.route("/api/v1/builds/<build>", methods=["GET"])
    async def show_build(self, request: IRequest, build: str) -> bytes:
        """Show all of a build."""
        found = await self._desk.queue.find_build(number(build, "build"))
        return answer(request, shapes.build(found, self._desk.librarian))

    @app.route("/api/v1/builds/<build>/retry", methods=["POST"])
    async def retry(self, request: IRequest, build: str) -> bytes:
        """Have a build attempted once more."""
        check_silent(request)
        changed = await self._desk.queue.retry(number(build, "build"))
        self._desk.changed()
        return answer(request, shapes.summary(changed))

    @app.route("/api/v1/builds/<build>/cancel", methods=["POST"])
    async def cancel(self, request: IRequest, build: str) -> bytes:
        """Cancel a build, or have it cancelled."""
        check_silent(request)
        changed = await self._desk.queue.cancel(number(build, "build"))
        self._desk.changed()
        return answer(request, shapes.summary(changed))

    @app.route("/api/v1/builds/<build>/rescore", methods=["POST"])
    async def rescore(self, request: IRequest, build: str) -> bytes:
        """Give a build another score."""
        score = score_in_body(request)
        changed = await self._desk.queue.rescore(number(build, "build"), score)
        return answer(request, shapes.summary(changed))

    @app.route("/api/v1/builds/<build>/supersede", methods=["POST"])
    async def supersede(self, request: IRequest, build: str) -> bytes:
        """Want the source of a build no more."""
        check_silent(request)
        given_up = number(build, "build")
        await self._desk.queue.supersede(given_up)
        self._desk.changed()
        found = await self._desk.queue.find_build(given_up)
        return answer(request, shapes.summary(found.summary))

    @app.route("/api/v1/builds/<build>/why", methods=["GET"])
    async def why(self, request: IRequest, build: str) -> bytes:
        """Tell why a build waits."""
        asked = number(build, "build")
        found = await self._desk.queue.find_build(asked)
        outlook = await self._desk.queue.outlook()
        told = await self._desk.threads.run(why_build, asked, outlook)
        return answer(request, {**shapes.summary(found.summary), **told})

    @app.route("/api/v1/builds/<build>/forecast", methods=["GET"])
    async def forecast(self, request: IRequest, build: str) -> bytes:
        """Tell when a build is likely to start, and to end."""
        asked = number(build, "build")
        found = await self._desk.queue.find_build(asked)
        outlook = await self._desk.queue.outlook()
        expected = await self._desk.threads.run(forecast, outlook)
        told = expected_of(asked, outlook, expected.get(asked))
        return answer(request, {**shapes.summary(found.summary), **told})

    @app.route("/api/v1/builds/<build>/files", methods=["GET"])
    async def list_files(self, request: IRequest, build: str) -> bytes:
        """List the results of a build."""
        found = await self._desk.queue.find_build(number(build, "build"))
        files = [file(one, self._desk.librarian) for one in found.files]
        return answer(request, files)

    @app.route("/api/v1/builds/<build>/files/<name>", methods=["GET"])
    async def send_file(self, request: Request, build: str, name: str) -> bytes:
        """Send one of the results of a build, for few people or for all."""
        found = await self._desk.queue.find_build(number(build, "build"))
        for one in found.files:
            if one.name == name:
                request.setHeader(b"Content-Type", b"application/octet-stream")
                request.setHeader(b"X-Content-Type-Options", b"nosniff")
                await Sending(Pieces(one, self._desk.librarian).next, request).send()
                return b""
        fault = f"build {build} has no file of that name"
        raise NotFoundError("file", fault, "see its files")

    @app.route("/api/v1/builds/<build>/log", methods=["GET"])
    async def show_log(self, request: Request, build: str) -> bytes:
        """Show the log, or its end while there is no more of it."""
        found = await self._desk.queue.find_build(number(build, "build"))
        return await self._send_log(request, found.log, found.log_tail)

    @app.route("/api/v1/builds/<build>/attempts/<attempt>/log", methods=["GET"])
    async def show_old_log(self, request: Request, build: str, attempt: str) -> bytes:
        """Show the log of an attempt, the first of which is 1."""
        wanted = number(attempt, "attempt")
        found = await self._desk.queue.find_build(number(build, "build"))
        for one in found.attempts:
            if one.number == wanted:
                return await self._send_log(request, one.log)
        fault = f"build {build} has no attempt {wanted}"
        raise NotFoundError("attempt", fault, "see its attempts")

    async def _send_log(
        self, request: Request, log: StoredFile | None, tail: str | None = None
    ) -> bytes:
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        if log is None:
            return (tail or "").encode()
        librarian, threads = self._desk.librarian, self._desk.threads
        await Sending(GunzippedPieces(log, librarian, threads).next, request).send()
        return b""
