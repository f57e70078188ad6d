"""What people may have done to a build, and when."""

from collections.abc import Callable
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.builds import NEXT, RETRYABLE, BuildState
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.retrying import (
    Situation,
    check_cancel,
    check_rescore,
    check_retry,
    check_supersede,
)
from buildd_manager.domain.series_status import SeriesStatus


#: Everything that a build may be in.
SITUATIONS = st.builds(
    Situation,
    build=st.just(7),
    state=st.sampled_from(BuildState),
    series_status=st.sampled_from(SeriesStatus),
    pocket=st.sampled_from(Pocket),
    purpose=st.sampled_from(Purpose),
    published=st.booleans(),
    canary=st.booleans(),
)

PLAIN = Situation(
    build=7,
    state=BuildState.NEEDS_BUILD,
    series_status=SeriesStatus.DEVELOPMENT,
    pocket=Pocket.RELEASE,
    purpose=Purpose.PRIMARY,
)


def allows(check: Callable[[Situation], Any], situation: Situation) -> bool:
    """Tell whether a check lets a situation pass."""
    try:
        check(situation)
    except ConflictError:
        return False
    return True


class RetryTests(SynchronousTestCase):
    """What may be attempted once more."""

    def allowed(self, **details: Any) -> bool:
        """Tell whether a build that has failed may be retried."""
        failed = evolve(PLAIN, state=BuildState.FAILED_TO_BUILD)
        return allows(check_retry, evolve(failed, **details))

    def test_states(self) -> None:
        """What failed, waits for packages, or was given up may be retried. Case 110."""
        allowed = {state for state in BuildState if self.allowed(state=state)}
        self.assertEqual(
            allowed,
            {
                BuildState.FAILED_TO_BUILD,
                BuildState.MANUAL_DEP_WAIT,
                BuildState.CHROOT_WAIT,
                BuildState.FAILED_TO_UPLOAD,
                BuildState.SUPERSEDED,
                BuildState.CANCELLED,
            },
        )
        self.assertEqual(allowed, RETRYABLE)

    def test_released(self) -> None:
        """Nothing is retried for the release pocket of a stable series. Case 110."""
        for status in SeriesStatus:
            with self.subTest(status=status):
                self.assertEqual(
                    self.allowed(series_status=status), not status.is_released
                )
        current = SeriesStatus.CURRENT
        self.assertTrue(self.allowed(series_status=current, pocket=Pocket.UPDATES))
        self.assertTrue(self.allowed(series_status=current, purpose=Purpose.PPA))
        self.assertFalse(self.allowed(pocket=Pocket.UPDATES))

    def test_superseded_source(self) -> None:
        """A failed build of an old version stays failed; a superseded one revives."""
        self.assertFalse(self.allowed(published=False))
        self.assertTrue(self.allowed(published=False, state=BuildState.SUPERSEDED))

    @given(SITUATIONS)
    def test_table(self, situation: Situation) -> None:
        """Nothing is allowed that the table of states does not."""
        if allows(check_retry, situation):
            self.assertIn(BuildState.NEEDS_BUILD, NEXT[situation.state])
        if allows(check_cancel, situation):
            self.assertIn(check_cancel(situation), NEXT[situation.state])

    @given(SITUATIONS)
    def test_one_way(self, situation: Situation) -> None:
        """What may be retried is not to be cancelled, and the other way round."""
        self.assertFalse(
            allows(check_retry, situation) and allows(check_cancel, situation)
        )

    @given(SITUATIONS)
    def test_canary(self, situation: Situation) -> None:
        """A build that is there to try a builder is nobody's to change."""
        canary = evolve(situation, canary=True)
        for check in (check_retry, check_cancel, check_rescore, check_supersede):
            self.assertFalse(allows(check, canary))

    def test_words(self) -> None:
        """Whoever is refused hears which build it is, and what is in the way."""
        for check in (check_retry, check_supersede):
            situation = evolve(PLAIN, state=BuildState.FULLY_BUILT, published=False)
            with self.assertRaisesRegex(ConflictError, "^build: build 7 cannot be"):
                check(situation)


class OtherTests(SynchronousTestCase):
    """What may be cancelled, and given another score."""

    def test_cancel(self) -> None:
        """Only what waits or is built may be cancelled, for any builder. Case 50."""
        after = {
            state: check_cancel(evolve(PLAIN, state=state))
            for state in BuildState
            if allows(check_cancel, evolve(PLAIN, state=state))
        }
        self.assertEqual(
            after,
            {
                BuildState.NEEDS_BUILD: BuildState.CANCELLED,
                BuildState.BUILDING: BuildState.CANCELLING,
            },
        )

    def test_rescore(self) -> None:
        """Only what waits has a score that matters."""
        allowed = {
            state
            for state in BuildState
            if allows(check_rescore, evolve(PLAIN, state=state))
        }
        self.assertEqual(allowed, {BuildState.NEEDS_BUILD})

    def test_supersede(self) -> None:
        """A source is given up once."""
        self.assertTrue(allows(check_supersede, PLAIN))
        self.assertFalse(allows(check_supersede, evolve(PLAIN, published=False)))
