"""Talk to a manager over HTTP."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import treq
from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.web.client import (
    Agent,
    RequestGenerationFailed,
    RequestTransmissionFailed,
    ResponseFailed,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer

from buildd_manager.cli.errors import (
    BUG,
    STATUSES,
    CommandLineError,
    invalid,
    unreachable,
)
from buildd_manager.cli.finding import Address
from buildd_manager.cli.receiving import TooLargeError, receive


T = TypeVar("T")

#: A parameter of an address; a sequence is one for each of its words.
Parameter: TypeAlias = str | int | Sequence[str]

#: Seconds until the manager begins to answer; longer if it has much to read first.
_PATIENCE: Final = 60.0
_MUCH_PATIENCE: Final = 3600.0

#: Bytes of an answer in JSON.
_LARGEST_ANSWER: Final = 64 * 2**20

_NO_ANSWER: Final = (
    CancelledError,
    ConnectError,
    ConnectionClosed,
    DNSLookupError,
    RequestGenerationFailed,
    RequestTransmissionFailed,
    ResponseFailed,
    DeferredTimeoutError,
    TooLargeError,
)


@frozen
class Farm:
    """A manager, and what it knows of its farm; every call may raise our error."""

    _address: Address
    _reactor: Any

    async def get(self, *path: str | int, **parameters: Parameter) -> Any:
        """Ask for what is at ``path``."""
        return await self._told(await self._ask("GET", path, parameters=parameters))

    async def post(self, *path: str | int, said: dict[str, Any]) -> Any:
        """Say something that is small."""
        return await self.say("POST", *path, said=said)

    async def say(
        self,
        method: str,
        *path: str | int,
        said: dict[str, Any],
        **parameters: Parameter,
    ) -> Any:
        """Say something that is small, in a way of its own."""
        body, kind = json.dumps(said).encode(), "application/json"
        return await self._told(await self._ask(method, path, body, kind, parameters))

    async def send(
        self,
        method: str,
        *path: str,
        body: IBodyProducer,
        kind: str,
        **parameters: Parameter,
    ) -> Any:
        """Send something that is large."""
        asking = self._ask(method, path, body, kind, parameters, _MUCH_PATIENCE)
        return await self._told(await asking)

    async def stream(
        self,
        path: tuple[str | int, ...],
        to: Callable[[bytes], object],
        size: int | None = None,
    ) -> None:
        """Hand what is at ``path`` on, piece by piece, and no more than ``size``."""
        response = await self._ask("GET", path)
        receiving = receive(response, to, self._reactor, size)
        await self._heard(receiving, self._address.url)

    async def download(
        self, url: str, to: Callable[[bytes], object], size: int
    ) -> None:
        """Fetch a file from anywhere; nobody there hears our secret."""
        response = await self._heard(self._request("GET", url), url)
        if response.code != 200:  # noqa: PLR2004 - HTTP's
            raise unreachable(url, f"HTTP status {response.code}")
        await self._heard(receive(response, to, self._reactor, size), url)

    async def _ask(
        self,
        method: str,
        path: tuple[str | int, ...],
        body: bytes | IBodyProducer | None = None,
        kind: str | None = None,
        parameters: Mapping[str, Parameter] | None = None,
        patience: float = _PATIENCE,
    ) -> Any:
        address = "/".join(_segment(part) for part in path)
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        headers = Headers({"Authorization": [f"Bearer {self._address.token}"]})
        if kind is not None:
            headers.setRawHeaders("Content-Type", [kind])
        url = f"{self._address.url}/api/v1/{address}{query}"
        asking = self._request(method, url, headers, body, patience)
        response = await self._heard(asking, self._address.url)
        if not 200 <= response.code < 300:  # noqa: PLR2004 - HTTP's
            raise _problem(response.code, await self._told(response))
        return response

    def _request(
        self,
        method: str,
        url: str,
        headers: Headers | None = None,
        body: bytes | IBodyProducer | None = None,
        patience: float = _PATIENCE,
    ) -> Deferred[Any]:
        asking: Deferred[Any] = treq.request(
            method,
            url,
            headers=headers,
            data=body,
            agent=Agent(self._reactor, connectTimeout=10),
            unbuffered=True,
            allow_redirects=False,
        )
        return asking.addTimeout(patience, self._reactor)

    async def _told(self, response: Any) -> Any:
        whole = bytearray()
        receiving = receive(response, whole.extend, self._reactor, _LARGEST_ANSWER)
        await self._heard(receiving, self._address.url)
        try:
            return json.loads(whole)
        except ValueError as error:
            fault = "what answers there is no manager"
            raise unreachable(self._address.url, fault) from error

    async def _heard(self, asking: Awaitable[T], url: str) -> T:
        """Wait for an answer; what keeps it from coming is put in our words."""
        try:
            return await asking
        except _NO_ANSWER as error:
            reasons = [one.value for one in getattr(error, "reasons", ())] or [error]
            for reason in reasons:
                if isinstance(reason, CommandLineError):
                    raise reason from error
            words = str(reasons[0]) or type(reasons[0]).__name__
            raise unreachable(url, f"it does not answer ({words})") from error


def _segment(part: str | int) -> str:
    """Quote a part of a path, which is never one that means another place."""
    text = str(part)
    if text in {"", ".", ".."}:
        raise invalid("name", f"{text!r} is nobody's", "give another")
    return quote(text, safe="")


def _problem(code: int, told: Any) -> CommandLineError:
    """Put the manager's problem in our words."""
    said = told if isinstance(told, dict) else {}
    return CommandLineError(
        STATUSES.get(code, BUG),
        str(said.get("field", "manager")),
        str(said.get("fault", f"it answers with HTTP status {code}")),
        str(said.get("mend", "see its log")),
    )
