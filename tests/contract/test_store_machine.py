"""Whatever happens to a farm, both stores remember the same, and no law is broken."""

from collections.abc import Iterator
from unittest.mock import patch

from attrs import evolve
from hypothesis import Phase, settings
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.postgres import attempts, leases
from tests.machine.running import CALM, run, two_stores
from tests.machine.twins import Twins


#: What is refused to who has lost the lease; what, of an attempt or a builder that is
#: no longer in the right state; and what, of such a build.
REFUSALS = {
    "LeaseLostError": (
        *("introduce", "claim", "started", "gathering", "stopping", "keep_log"),
        *("settle", "record", "set_clean", "put_on_trial"),
    ),
    "OvertakenError": (
        *("claim", "started", "gathering", "stopping", "keep_log", "settle", "record"),
        *("set_clean", "put_on_trial", "uploaded"),
    ),
    "ConflictError": ("cancel", "retry", "may retry", "rescore", "supersede"),
}

#: How long histories may be, until all has happened that is to happen. What does, in
#: which of them, is another version of Hypothesis's to choose.
STEPS = range(50, 60)

#: Enough to find out that something is wrong.
HASTY = settings(CALM, phases=[Phase.generate])


class MachineTests(SynchronousTestCase):
    """The two stores, side by side."""

    def test_machine(self) -> None:
        """Whatever is done, in any order and however late; nothing is left out."""
        with two_stores() as twins:
            for steps in STEPS:
                run(twins, settings(CALM, stateful_step_count=steps))
                if not any(unseen(twins)):
                    break
        self.assertEqual(list(unseen(twins)), [])

    def test_no_fence(self) -> None:
        """It is noticed if a manager writes that has lost its lease."""
        epoch = "AND lease_epoch = %s"
        self.assertIn(epoch, leases.FENCE)
        fence = leases.FENCE.replace(epoch, "AND %s > 0")
        with patch.object(leases, "FENCE", fence), two_stores() as twins:
            self.assertRaises(AssertionError, run, twins, HASTY)

    def test_no_comparison(self) -> None:
        """It is noticed if an attempt changes from any state."""
        guard = "AND state = 'claimed'"
        self.assertIn(guard, attempts.STARTED.sql)
        sql = attempts.STARTED.sql.replace(guard, "")
        started = evolve(attempts.STARTED, sql=sql)
        with patch.object(attempts, "STARTED", started), two_stores() as twins:
            self.assertRaises(AssertionError, run, twins, HASTY)


def unseen(twins: Twins) -> Iterator[tuple[str, str]]:
    """Name what was never refused, or never done: too little has happened then."""
    for error, questions in REFUSALS.items():
        for what in questions:
            seen = {how for asked, how in twins.outcomes if asked == what}
            if error not in seen:
                yield what, error
            if seen <= set(REFUSALS):
                yield what, "done"
