"""Many builds are attempted once more."""

from typing import Any

from twisted.internet.defer import Deferred

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.queue import BuildFilter
from buildd_manager.services.retrying import Outcome, retry_all
from buildd_manager.testing.queue import MemoryQueue
from tests.services.scene import Scene


class RetryAllTests(Scene):
    """What is retried of what was asked for, and what is not."""

    def ended(self, state: BuildState, cause: Cause | None = None) -> int:
        """Have a build end."""
        number = self.submit()
        queue = self.store.queue
        assert isinstance(queue, MemoryQueue)
        row = queue.rows.builds[number]
        row.state, row.cause, row.queue = state, cause, None
        return number

    def retry(
        self,
        before: int | None = None,
        limit: int = 99,
        *,
        dry_run: bool = False,
        **details: Any,
    ) -> Outcome:
        """Retry builds."""
        wanted, queue = BuildFilter(**details), self.store.queue
        retrying = retry_all(queue, wanted, before, limit, dry_run=dry_run)
        return self.now(Deferred.fromCoroutine(retrying))

    def test_failed(self) -> None:
        """What has failed is retried, and nothing that was given up."""
        numbers = {state: self.ended(state) for state in BuildState}
        outcome = self.retry()
        self.assertEqual(
            {build.id for build in outcome.retried},
            {
                numbers[BuildState.FAILED_TO_BUILD],
                numbers[BuildState.MANUAL_DEP_WAIT],
                numbers[BuildState.CHROOT_WAIT],
                numbers[BuildState.FAILED_TO_UPLOAD],
            },
        )
        self.assertEqual((outcome.refused, outcome.rest), ((), None))
        self.assertIs(
            self.state(numbers[BuildState.CHROOT_WAIT]), BuildState.NEEDS_BUILD
        )
        self.assertIs(self.state(numbers[BuildState.CANCELLED]), BuildState.CANCELLED)

    def test_filter(self) -> None:
        """Only what was asked for is retried, by why it failed."""
        network = self.ended(BuildState.FAILED_TO_BUILD, Cause.NETWORK)
        package = self.ended(BuildState.FAILED_TO_BUILD, Cause.PACKAGE)
        outcome = self.retry(causes=frozenset({Cause.NETWORK}))
        self.assertEqual([build.id for build in outcome.retried], [network])
        self.assertIs(self.state(package), BuildState.FAILED_TO_BUILD)

    def test_refused(self) -> None:
        """What cannot be retried is told, and keeps nothing else from it."""
        good = self.ended(BuildState.FAILED_TO_BUILD)
        built = self.ended(BuildState.FULLY_BUILT)
        states = frozenset({BuildState.FULLY_BUILT, BuildState.FAILED_TO_BUILD})
        outcome = self.retry(states=states)
        self.assertEqual([build.id for build in outcome.retried], [good])
        (refusal,) = outcome.refused
        self.assertEqual(refusal.build.id, built)
        self.assertIn("cannot be retried", refusal.error.fault)

    def test_named(self) -> None:
        """What is named by its number is retried, or refused, whatever it is."""
        cancelled, built = (
            self.ended(state)
            for state in (BuildState.CANCELLED, BuildState.FULLY_BUILT)
        )
        self.ended(BuildState.FAILED_TO_BUILD)
        outcome = self.retry(ids=frozenset({cancelled, built}))
        self.assertEqual([build.id for build in outcome.retried], [cancelled])
        self.assertEqual([one.build.id for one in outcome.refused], [built])

    def test_dry_run(self) -> None:
        """It may be tried what would be, without anything that is. Case 114."""
        number = self.ended(BuildState.FAILED_TO_BUILD)
        outcome = self.retry(dry_run=True)
        self.assertEqual([build.id for build in outcome.retried], [number])
        self.assertIs(self.state(number), BuildState.FAILED_TO_BUILD)

    def test_pages(self) -> None:
        """Many are retried piece by piece, those that are refused passed by."""
        numbers = [self.ended(BuildState.FAILED_TO_BUILD) for _ in range(5)]
        retried, rest = [], None
        while True:
            outcome = self.retry(rest, 2)
            retried += [build.id for build in outcome.retried]
            if (rest := outcome.rest) is None:
                break
        self.assertEqual(retried, numbers[::-1])
