"""The server for tests goes when the tests do."""

from pathlib import Path

from twisted.trial.unittest import TestCase

from buildd_manager.adapters.postgres.accounts import account
from buildd_manager.adapters.postgres.cluster import Cluster
from tests.adapters.embedded_case import run_python
from tests.adapters.patience import until


#: Something like a trial: has a server for tests, and says where.
TRIAL = """
from buildd_manager.testing.postgres import server
print(server()._directory, flush=True)
input()
"""


class TestServerTests(TestCase):
    """The server for tests goes when the tests do."""

    timeout = 60

    async def test_killed(self) -> None:
        """Even if they are killed, neither processes nor files remain."""
        with run_python(TRIAL) as trial:
            assert trial.stdout is not None
            directory = Path(trial.stdout.readline().decode().strip())
            self.assertTrue((directory / "data").is_dir())
            trial.kill()
        cluster = Cluster(directory, account(None))
        await until(lambda: not directory.exists() and not cluster.occupants())

    async def test_ended(self) -> None:
        """When they end well, all is gone by then."""
        with run_python(TRIAL) as trial:
            assert trial.stdout is not None
            directory = Path(trial.stdout.readline().decode().strip())
            trial.communicate(b"\n")
        self.assertFalse(directory.exists())
