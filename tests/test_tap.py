"""The plugin of twistd, seen from Twisted."""

import subprocess
import sys
from pathlib import Path

from twisted.application.service import IService, IServiceMaker
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.tap import Options, makeService


#: The modules whose import costs what not everybody has to pay.
LOADED = """
import sys
print(*(name for name in ("buildd_manager", "twisted.internet.reactor")
        if name in sys.modules))
"""


class PluginTests(SynchronousTestCase):
    """What Twisted gets."""

    def loaded(self, program: str) -> list[str]:
        """Tell what is loaded after a program."""
        path = {"PYTHONPATH": ":".join(sys.path)}
        words = [sys.executable, "-c", program + LOADED]
        return subprocess.run(
            words, check=True, capture_output=True, text=True, env=path
        ).stdout.split()

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
        state = Path(self.mktemp())
        options = Options()
        options.parseOptions(["--state", str(state)])
        self.assertTrue(IService.providedBy(makeService(options)))
        self.assertFalse(state.exists())
