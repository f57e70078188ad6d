"""Workers that answer every request with junk; run as a program of its own."""

import itertools
import json
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial


MIB = 2**20

#: Bytes that each of them tries to send, if it does not say how many it has.
ENDLESS = 300 * MIB

#: Bytes of the largest answer that is read.
LARGEST = MIB

OK = b"HTTP/1.0 200 OK\r\n"
START, END = b"<methodResponse><params><param>", b"</param></params></methodResponse>"


def endless(head: bytes, piece: bytes) -> Iterator[bytes]:
    """Send ``piece`` again and again."""
    yield head
    block = piece * (MIB // len(piece))
    yield from itertools.repeat(block, ENDLESS // len(block))


def largest(start: bytes, piece: bytes, end: bytes = b"") -> Iterator[bytes]:
    """Send an answer that is as large as may be."""
    times = (LARGEST - len(start + end)) // len(piece)
    body = start + piece * times + end
    yield OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


def value(start: bytes, piece: bytes, end: bytes = b"") -> Iterator[bytes]:
    """Send a value that is as large as may be."""
    return largest(START + start, piece, end + END)


def attributes() -> bytes:
    """Make as many attributes as there is room for."""
    return b" ".join(b'a%d=""' % number for number in range(90_000))


BEGUN = OK + b"\r\n" + START
GZIPPED = OK + b"Content-Encoding: gzip\r\n\r\n"
SIZED = OK + b"Content-Length: %d\r\n\r\n" % ENDLESS

STATUS = b"<value><struct><member><name>builder_status</name><value>"
BASE64, BASE64_END = b"<value><base64>", b"</base64></value>"
STATUS_END = b"</value></member></struct></value>"

#: All kinds of junk; what is endless is cut, and what is as large as may be is read.
KINDS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "endless body": partial(endless, OK + b"\r\n", b"x"),
    "endless body that says so": partial(endless, SIZED, b"x"),
    "endless headers": partial(endless, OK, b"X: yyyyyyyyyyyyyyyyyyyyyyyyy\r\n"),
    "endless short headers": partial(endless, OK, b"X:\r\n"),
    "endless header": partial(endless, OK + b"X: ", b"y"),
    "endless folded header": partial(endless, OK + b"X: ", b"y\r\n "),
    "endless first line": partial(endless, b"", b"x"),
    "endless promises": partial(endless, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless lines": partial(endless, b"", b"\r\n"),
    "endless NUL": partial(endless, b"", b"\0"),
    "endless XML": partial(endless, BEGUN + b"<value>", b"<i/>"),
    "endless base64": partial(endless, BEGUN + b"<value><base64>", b"QUJD"),
    "endless gzip": partial(endless, GZIPPED, b"\x1f\x8b\b\0"),
    "elements": partial(value, b"<value>", b"<i/>"),
    "nested elements": partial(value, b"<value>", b"<value>"),
    "nested arrays": partial(value, b"", b"<value><array><data>"),
    "integers": partial(
        value,
        b"<value><array><data>",
        b"<value><int>1</int></value>",
        b"</data></array></value>",
    ),
    "attributes": partial(value, b"<value " + attributes(), b" ", b"/>"),
    "tag": partial(value, b"<", b"x", b"/>"),
    "comment": partial(value, b"<value><!--", b"x", b"--></value>"),
    "comments": partial(value, b"<value>", b"x<!---->", b"</value>"),
    "instructions": partial(value, b"<value>", b"x<?x?>", b"</value>"),
    "references": partial(value, b"<value>", b"&#65;", b"</value>"),
    "text": partial(value, b"<value>", b"x", b"</value>"),
    "text that is wide at its end": partial(
        value, b"<value>", b"x", "\N{MUSICAL SYMBOL G CLEF}</value>".encode()
    ),
    "status": partial(value, STATUS, b"x", STATUS_END),
    "base64": partial(value, BASE64, b"QUJD", BASE64_END),
    "base64 with spaces": partial(value, BASE64, b"Q U J D ", BASE64_END),
    "spaces": partial(value, b"<value><int>", b" ", b"</int></value>"),
    "a document type": partial(largest, b'<!DOCTYPE x [<!ENTITY a "', b"x", b'">]>'),
}


class Junk(socketserver.BaseRequestHandler):
    """Sends one kind of junk."""

    server: "Server"

    def handle(self) -> None:
        self.request.recv(65536)
        try:
            for piece in self.server.junk():
                self.request.sendall(piece)
        except OSError:
            return  # nobody wants more


class Server(socketserver.ThreadingTCPServer):
    """Has one kind of junk, on a port of its own."""

    daemon_threads = True

    def __init__(self, junk: Callable[[], Iterator[bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Junk)
        self.junk = junk


if __name__ == "__main__":
    servers = {kind: Server(junk) for kind, junk in KINDS.items()}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = {kind: server.server_address[1] for kind, server in servers.items()}
    print(json.dumps(ports), flush=True)  # noqa: T201 - for the test
    sys.stdin.read()
