"""A worker's file cache that holds one big log; run as a program of its own."""

import http.server
import itertools
import sys


MIB = 2**20


class BigLog(http.server.BaseHTTPRequestHandler):
    """Answers every GET with as many bytes of log as the program was told."""

    size = int(sys.argv[1]) if len(sys.argv) > 1 else 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(self.size))
        self.end_headers()
        left = self.size
        for number in itertools.count():
            if left <= 0:
                break
            line = f"[{number}] cc -O2 -g -c file{number * 7919 % 10007}.c\n"
            piece = (line * (MIB // len(line))).encode()[:left]
            self.wfile.write(piece)
            left -= len(piece)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = http.server.HTTPServer(("127.0.0.1", 0), BigLog)
    print(server.server_address[1], flush=True)  # noqa: T201 - for the test
    server.serve_forever()
