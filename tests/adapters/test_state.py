"""The state directory of a manager."""

import json
import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.state import StateDirectory
from buildd_manager.domain.errors import StartError


class StateDirectoryTests(SynchronousTestCase):
    """A place for one manager."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp()) / "deep" / "state"
        self.state = StateDirectory(self.path)
        self.state.open()
        self.addCleanup(self.state.close)

    def test_locked(self) -> None:
        """Two managers do not share a place; the second is told what to do."""
        error = self.assertRaises(StartError, StateDirectory(self.path).open)
        self.assertIn("in use by another manager", str(error))

    def test_second(self) -> None:
        """
        Who comes second and gives up leaves the first one alone.

        Bad input C4.
        """
        self.state.announce("http://127.0.0.1:1")
        second = StateDirectory(self.path)
        self.assertRaises(StartError, second.open)
        second.close()
        self.assertTrue((self.path / "api.json").exists())
        self.assertRaises(StartError, second.open)

    def test_mode(self) -> None:
        """Others may pass, even if a daemon made it; what was there stays as it is."""
        self.addCleanup(os.umask, os.umask(0o077))
        state = StateDirectory(self.path / "daemon's")
        for mode in (0o711, 0o700):
            state.open()
            self.addCleanup(state.close)
            self.assertEqual(state.path.stat().st_mode & 0o777, mode)
            state.close()
            state.path.chmod(0o700)

    def test_free_again(self) -> None:
        """A place that was left is free."""
        self.state.close()
        other = StateDirectory(self.path)
        other.open()
        other.close()

    def test_impossible(self) -> None:
        """
        A place that cannot be is named.

        Bad input C4.
        """
        (self.path / "file").write_text("")
        error = self.assertRaises(StartError, StateDirectory(self.path / "file").open)
        self.assertIn(str(self.path / "file"), str(error))

    def test_identity(self) -> None:
        """The manager of a place is the same in every life."""
        again = StateDirectory(self.path)
        self.assertEqual(self.state.identity(), again.identity())

    def test_damaged_identity(self) -> None:
        """An identity that is none is named."""
        (self.path / "manager-id").write_text("x")
        self.assertRaises(StartError, self.state.identity)

    def test_token(self) -> None:
        """The secret stays, is long, and is nobody else's to read."""
        token = self.state.token()
        self.assertEqual(self.state.token(), token)
        self.assertGreaterEqual(len(token), 40)
        self.assertEqual((self.path / "api.token").stat().st_mode & 0o777, 0o600)

    def test_announcement(self) -> None:
        """The command line finds the address while the manager lives."""
        self.state.announce("http://127.0.0.1:1")
        told = json.loads((self.path / "api.json").read_text())
        self.assertEqual(told, {"url": "http://127.0.0.1:1", "token_file": "api.token"})
        self.state.close()
        self.assertFalse((self.path / "api.json").exists())
