"""What programs may say about packages that others have published."""

from collections.abc import Iterator, Mapping
from typing import Any

from twisted.web.iweb import IRequest

from buildd_manager.api.requests import choice, json_body, needed
from buildd_manager.api.rooms import Room, answer, new_app
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.checks import check_identifier
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.files import check_name
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.versions import check_version


#: Packages in one request.
MOST = 5000


class Binaries(Room):
    """Packages that builds may wait for."""

    app = new_app()

    @app.route("/api/v1/binaries", methods=["POST"])
    async def publish(self, request: IRequest) -> bytes:
        """Be told what others have published."""
        said = json_body(
            request, archive=str, series=str, pocket=str, component=str, packages=list
        )
        packages = tuple(_packages(said))
        news = await self._desk.queue.publish(packages)
        if news:
            self._desk.published()
        return answer(request, {"told": len(packages), "news": news})


def _packages(said: Mapping[str, Any]) -> Iterator[NewBinary]:
    archive = check_identifier(needed(said, "archive"), "archive")
    series = check_identifier(needed(said, "series"), "series")
    component = check_identifier(said.get("component", "main"), "component")
    pocket = choice(said.get("pocket"), "pocket", Pocket) or Pocket.RELEASE
    words = needed(said, "packages")
    if len(words) > MOST:
        mend = f"send {MOST} at a time"
        raise InvalidError("packages", f"there are {len(words)}", mend)
    for text in words:
        name, version, architecture = _read(text)
        yield NewBinary(
            archive=archive,
            series=series,
            pocket=pocket,
            component=component,
            architecture=architecture,
            name=name,
            version=version,
        )


def _read(text: str) -> tuple[str, str, str]:
    """Read ``libfoo1 1.2-3 amd64``."""
    match text.split():
        case [name, version, architecture]:
            check_name(name, "packages")
            check_version(version, "packages")
            check_identifier(architecture, "packages")
            return name, version, architecture
    fault = f"{text[:80]!a} is no package"
    raise InvalidError("packages", fault, "say NAME VERSION ARCH")
