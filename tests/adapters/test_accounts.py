"""A user can go where the directories on the way let it."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.postgres.accounts import account


class AccountTests(SynchronousTestCase):
    """A user can go where the directories on the way let it."""

    def test_open(self) -> None:
        """Nothing is in the way of the one who runs this."""
        self.assertIsNone(account(None).closed(Path("/usr/bin")))

    def test_closed(self) -> None:
        """The first directory in the way is found."""
        place = Path(self.mktemp()).absolute()
        (place / "below" / "it").mkdir(parents=True)
        (place / "below").chmod(0o600)
        self.addCleanup((place / "below").chmod, 0o700)
        closed = account(None).closed(place / "below" / "it")
        self.assertIn(closed, (place / "below", *place.parents))
