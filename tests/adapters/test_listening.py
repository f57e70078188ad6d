"""What servers of ours say of themselves."""

import time
from pathlib import Path

import treq
from twisted.internet import reactor
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from buildd_manager.adapters.listening import Listener, dated_line


class LogTests(TestCase):
    """A server that writes down what it is asked."""

    timeout = 30

    async def test_dated(self) -> None:
        """The date does not go by the reactor's seconds, whenever they have begun."""
        path = Path(self.mktemp())
        site = Site(Resource(), logPath=str(path), logFormatter=dated_line)
        began = time.monotonic()
        self.patch(reactor, "seconds", lambda: time.monotonic() - began)
        listener = Listener(reactor, "tcp:0:interface=127.0.0.1", "listen", site)
        await listener.start()
        self.addCleanup(listener.stop)
        await treq.get(f"{listener.url}/page", persistent=False, timeout=10)
        (line,) = path.read_text().splitlines()
        self.assertNotIn("/1970:", line)
        self.assertIn('"GET /page HTTP/1.1" 404', line)
