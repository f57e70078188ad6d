"""A manager inside another application, and all that it may leave behind."""

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import treq
from twisted.application.service import MultiService
from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from twisted.web.http_headers import Headers

from buildd_manager.config import Settings
from buildd_manager.domain.errors import StartError
from buildd_manager.house import Ports, manager_service
from buildd_manager.services.sequence import InOrder
from tests.adapters.patience import failing, pause, until


#: A place on this machine that is free.
ANYWHERE = "tcp:0:interface=127.0.0.1"

#: Nothing is provided: all is our own.
OURS = Ports()


def traces() -> Counter[str]:
    """Count what this process holds: files, sockets, children; trial counts calls."""
    held: Counter[str] = Counter()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one by which we look
            held[str(descriptor.readlink())] += 1
    del held["/dev/null"]  # the reactor's reserve, for when there are too many
    for thread in Path("/proc/self/task").iterdir():
        held.update((thread / "children").read_text().split())
    return held


class HouseCase(TestCase):
    """
    An application of somebody else's, to which managers are added.

    :ivar state: The state directory of a manager; does not exist yet.
    :ivar failures: What the application was told of.
    :ivar before: What this process held before there was a manager.
    """

    timeout = 60

    def setUp(self) -> None:
        super().setUp()
        self.state = Path(self.mktemp()).absolute()
        self.application = MultiService()
        self.failures: list[Failure] = []

    def settings(self, **sections: dict[str, Any]) -> Settings:
        """Choose options, on ports that nobody uses."""
        places = {
            "manager": {"state": str(self.state)},
            "api": {"listen": ANYWHERE},
            "librarian": {"listen": ANYWHERE},
            "scan": {"interval": 0.05},
        }
        return Settings.from_mapping(places | sections)

    async def embed(self, ports: Ports = OURS, **sections: dict[str, Any]) -> InOrder:
        """Add a manager to the application."""
        await pause(0)  # now the reactor runs, and has what it needs itself
        self.before = traces()
        settings = self.settings(**sections)
        manager = manager_service(reactor, settings, ports, self.failures.append)
        manager.setServiceParent(self.application)
        return manager

    async def run_manager(
        self, ports: Ports = OURS, **sections: dict[str, Any]
    ) -> InOrder:
        """Add a manager, and start the application."""
        manager = await self.embed(ports, **sections)
        self.application.startService()
        self.addCleanup(self.application.stopService)
        await manager.when_ready()
        return manager

    async def refusal(self, ports: Ports = OURS, **sections: dict[str, Any]) -> str:
        """Tell why it does not start: in one line, with nothing left behind."""
        manager = await self.embed(ports, **sections)
        self.application.startService()
        why = str(await failing(manager.when_ready(), StartError))
        self.assertNotIn("\n", why)
        await self.assert_nothing_left()
        await until(lambda: self.failures)
        self.assertEqual([str(failure.value) for failure in self.failures], [why])
        await maybeDeferred(manager.disownServiceParent)
        await self.stop()
        return why

    async def stop(self) -> None:
        """Stop the application."""
        await maybeDeferred(self.application.stopService)

    async def assert_nothing_left(self) -> None:
        """This process holds just what it held before, at the latest quite soon."""
        for _ in range(200):
            if traces() == self.before:
                return
            await pause(0.01)
        self.assertEqual(traces() - self.before, {})


async def ask(state: Path, path: str) -> Any:
    """Ask the manager of a state directory, as the command line does."""
    told = json.loads((state / "api.json").read_text())
    token = (state / told["token_file"]).read_text().strip()
    response = await treq.get(
        f"{told['url']}/api/v1/{path}",
        headers=Headers({"authorization": [f"Bearer {token}"]}),
        persistent=False,
    )
    return await treq.json_content(response)
