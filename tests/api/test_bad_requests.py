"""Requests that nobody sends who means well, over a real socket."""

import json
from collections.abc import Mapping
from http.client import HTTPResponse
from io import BytesIO
from socket import socket
from typing import Any, cast

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.endpoints import clientFromString, connectProtocol

from buildd_manager.domain.builds import BuildState
from tests.api.building import BuildCase
from tests.api.support import TOKEN
from tests.api.test_bounding import Peer
from tests.bad_inputs import Case, cases, text_of


class BadRequestTests(BuildCase):
    """What is refused, and changes nothing."""

    async def prepare(self) -> None:
        await super().prepare()
        ended = await self.failed()
        await self.store.queue.retry(ended)
        running = await self.run_next()
        await self.end(running, BuildState.FAILED_TO_BUILD)
        self.names = {"waiting": await self.submit(), "ended": ended}

    async def ask_badly(self, case: Case) -> bytes:
        """Send what a case says; give all that is answered."""
        port = self.url.rpartition(":")[2]
        endpoint = clientFromString(reactor, f"tcp:127.0.0.1:{port}")
        peer: Peer = await connectProtocol(endpoint, Peer())
        assert peer.transport is not None
        peer.transport.write(request_of(case, self.names))
        return await peer.ended

    async def state(self) -> Any:
        """Give all that might have changed."""
        return [await self.ask("GET", what) for what in ("builds", "builders")]

    async def test_requests(self) -> None:
        """Whoever asks for what cannot be is told so, and it is never our fault."""
        before = await self.state()
        for case in cases("http/requests"):
            told = await self.ask_badly(case)
            if told or "deaf" not in case:
                self.check(case, *answer_in(told, case["method"]))
            self.assertEqual(await self.state(), before, str(case))

    def check(self, case: Case, status: int, body: bytes) -> None:
        """See that this is the answer."""
        self.assertEqual(status, case["status"], f"{case}: {body!r}")
        self.assertEqual(body == b"", "silent" in case or status == 400, str(case))
        if "field" in case:
            said = json.loads(body)
            self.assertEqual(said["field"], case["field"], f"{case}: {said}")
            self.assertTrue(said["detail"].isprintable(), str(case))

    async def test_addresses(self) -> None:
        """A worker is only where a worker may be."""
        before = await self.state()
        for case in cases("http/addresses"):
            bad = {"name": "carol", "url": case["url"], "arches": ["amd64"]}
            await self.refused(422, "url", "POST", "builders", bad)
        self.assertEqual(await self.state(), before)


def answer_in(told: bytes, method: str) -> tuple[int, bytes]:
    """Give the status and the body of an answer."""
    answer = HTTPResponse(cast("socket", Bytes(told)), method=method)
    answer.begin()
    return answer.status, answer.read()


@frozen
class Bytes:
    """Bytes that were received, as Python's own reader of HTTP wants them."""

    told: bytes

    def makefile(self, _: str) -> BytesIO:
        return BytesIO(self.told)


def request_of(case: Case, names: Mapping[str, int]) -> bytes:
    """Put a request together; ``names`` stand in its path."""
    path, body = text_of(case["path"]), text_of(case.get("body", ""))
    for name, number in names.items():
        path = path.replace(f"{{{name}}}", str(number))
    head = f"{case['method']} /api/v1/{path} HTTP/1.1\r\nHost: x\r\n"
    head += f"Connection: close\r\n{text_of(case.get('headers', ''))}"
    if case.get("token") != "none":
        head += f"Authorization: Bearer {TOKEN}\r\n"
    if body and "Transfer-Encoding" not in head:
        head += f"Content-Length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode()
