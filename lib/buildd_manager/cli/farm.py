"""Talk to a manager over HTTP."""

import json
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import quote, urlencode

import treq
from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.error import (
    ConnectError,
    ConnectingCancelledError,
    DNSLookupError,
)
from twisted.web.client import Agent, FileBodyProducer, ResponseFailed
from twisted.web.http_headers import Headers

from buildd_manager.cli.errors import BUG, STATUSES, UNREACHABLE, CommandLineError
from buildd_manager.cli.finding import Address


#: Seconds until the manager begins to answer; it may have much to write first.
PATIENCE = 600.0

_UNREACHABLE = (ConnectError, ConnectingCancelledError, DNSLookupError, ResponseFailed)


@frozen
class Farm:
    """A manager, and what it knows of its farm."""

    _address: Address
    _reactor: Any

    async def get(self, *path: str | int, **parameters: str | int) -> Any:
        """Ask for what is at ``path``."""
        return await self._json("GET", path, None, None, parameters)

    async def post(self, *path: str, said: dict[str, Any]) -> Any:
        """Say something that is small."""
        body = json.dumps(said).encode()
        return await self._json("POST", path, body, "application/json")

    async def send(
        self, method: str, *path: str, body: IO[bytes], **parameters: str | int
    ) -> Any:
        """Send something that is large."""
        kind = "application/octet-stream"
        producer = FileBodyProducer(body)
        return await self._json(method, path, producer, kind, parameters)

    async def stream(
        self, path: tuple[str | int, ...], to: Callable[[bytes], None]
    ) -> None:
        """Hand what is at ``path`` on, piece by piece."""
        response = await self._ask("GET", path)
        await self._drain(response, to)

    async def download(self, url: str, to: Callable[[bytes], None]) -> None:
        """Fetch a file from wherever the manager says that it is."""
        response = await self._reach(treq.get(url, agent=Agent(self._reactor)))
        if response.code != 200:  # noqa: PLR2004 - HTTP's
            raise CommandLineError(UNREACHABLE, f"{url}: HTTP status {response.code}")
        await self._drain(response, to)

    async def _json(self, *asked: Any) -> Any:
        response = await self._ask(*asked)
        return json.loads(await treq.content(response))

    async def _ask(
        self,
        method: str,
        path: tuple[str | int, ...],
        body: Any = None,
        kind: str | None = None,
        parameters: dict[str, str | int] | None = None,
    ) -> Any:
        address = "/".join(quote(str(part), safe="") for part in path)
        query = f"?{urlencode(parameters)}" if parameters else ""
        headers = Headers({"Authorization": [f"Bearer {self._address.token}"]})
        if kind is not None:
            headers.setRawHeaders("Content-Type", [kind])
        asking = treq.request(
            method,
            f"{self._address.url}/api/v1/{address}{query}",
            headers=headers,
            data=body,
            agent=Agent(self._reactor, connectTimeout=10),
            unbuffered=True,
            allow_redirects=False,
            timeout=PATIENCE,
        )
        response = await self._reach(asking)
        if response.code >= 300:  # noqa: PLR2004 - HTTP's
            raise await self._problem(response)
        return response

    async def _reach(self, asking: Deferred[Any]) -> Any:
        try:
            return await asking
        except _UNREACHABLE as error:
            raise CommandLineError(
                UNREACHABLE,
                f"url: {self._address.url} does not answer;"
                " see whether the manager runs there",
            ) from error

    async def _problem(self, response: Any) -> CommandLineError:
        status = STATUSES.get(response.code, BUG)
        try:
            said = json.loads(await treq.content(response))
            return CommandLineError(status, one_line(str(said["detail"])))
        except (ValueError, KeyError, TypeError):
            return CommandLineError(status, f"HTTP status {response.code}")

    async def _drain(self, response: Any, to: Callable[[bytes], None]) -> None:
        try:
            await treq.collect(response, to)
        except _UNREACHABLE as error:
            raise CommandLineError(
                UNREACHABLE, "the answer was cut short; try again"
            ) from error


def one_line(text: str) -> str:
    """Make ``text`` one line without control characters."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
