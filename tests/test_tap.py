"""The plugin of twistd, seen from Twisted."""

import subprocess
import sys
from pathlib import Path

from twisted.application.service import IService, IServiceMaker
from twisted.internet import reactor
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.tap import Options, makeService


#: The modules whose import costs what not everybody has to pay.
LOADED = """
import sys
print(*(name for name in ("buildd_manager", "twisted.internet.reactor")
        if name in sys.modules))
"""

#: A process whose clock is set back by an hour, and which ends when a call comes due.
SET_BACK = """
import time
from twisted.python import runtime
ago = 0
runtime.seconds = lambda: time.time() - ago
from twisted.internet import reactor
from buildd_manager.tap import Options, makeService
options = Options()
options.parseOptions(["--state", "unused"])
makeService(options)
def set_back():
    global ago
    ago = 3600
reactor.callLater(0, set_back)
reactor.callLater(0.1, reactor.stop)
reactor.run()
"""


class PluginTests(SynchronousTestCase):
    """What Twisted gets."""

    def run_program(self, program: str) -> str:
        """Tell what a program says that ends within a minute."""
        words = [sys.executable, "-c", program]
        path = {"PYTHONPATH": ":".join(sys.path)}
        return subprocess.run(
            words, check=True, capture_output=True, text=True, env=path, timeout=60
        ).stdout

    def loaded(self, program: str) -> list[str]:
        """Tell what is loaded after a program."""
        return self.run_program(program + LOADED).split()

    def test_found(self) -> None:
        """Twisted finds it by its name."""
        found = [
            one for one in getPlugins(IServiceMaker) if one.tapname == "buildd-manager"
        ]
        (maker,) = found
        self.assertIs(maker.options, Options)
        self.assertIs(maker.makeService, makeService)

    def test_cheap(self) -> None:
        """Whoever runs another plugin loads nothing of ours."""
        found = "import twisted.plugins.buildd_manager_plugin"
        self.assertEqual(self.loaded(found), [])

    def test_no_reactor(self) -> None:
        """There is no reactor before somebody has chosen one."""
        read = "from buildd_manager.tap import Options; Options().parseOptions([])"
        self.assertEqual(self.loaded(read), ["buildd_manager"])

    def test_service(self) -> None:
        """To make the service makes no state directory."""
        self.patch(reactor, "seconds", reactor.seconds)
        state = Path(self.mktemp())
        options = Options()
        options.parseOptions(["--state", str(state)])
        self.assertTrue(IService.providedBy(makeService(options)))
        self.assertFalse(state.exists())

    def test_clock_set_back(self) -> None:
        """Whoever sets the clock back stops nothing."""
        self.assertEqual(self.run_program(SET_BACK), "")
