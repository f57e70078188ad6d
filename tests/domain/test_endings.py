"""Where a build goes when an attempt at it ends."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.blame import JobFate
from buildd_manager.domain.builds import NEXT, BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.endings import (
    ON_BUILDER,
    Ending,
    acquits,
    may_be_recorded,
    without_result,
)


ENDINGS = st.builds(
    Ending,
    state=st.sampled_from(sorted(ON_BUILDER, key=lambda state: state.value)),
    canary=st.booleans(),
    published=st.booleans(),
)
FATES = st.sampled_from([JobFate.REQUEUE, JobFate.FAIL, JobFate.CANCEL])
BUILDING = Ending(state=BuildState.BUILDING, canary=False, published=True)
CAUSE = Cause.BUILDER_LOST


class WithoutResultTests(SynchronousTestCase):
    """An attempt that has no result."""

    def test_fates(self) -> None:
        """A build waits again, has failed, or is cancelled, as was judged."""
        for fate, ended in (
            (JobFate.REQUEUE, (BuildState.NEEDS_BUILD, None)),
            (JobFate.FAIL, (BuildState.FAILED_TO_BUILD, CAUSE)),
            (JobFate.CANCEL, (BuildState.CANCELLED, CAUSE)),
        ):
            self.assertEqual(without_result(BUILDING, fate, CAUSE), ended)

    def test_superseded(self) -> None:
        """What nobody wants any more does not wait again."""
        old = Ending(state=BuildState.BUILDING, canary=False, published=False)
        self.assertEqual(
            without_result(old, JobFate.REQUEUE, CAUSE), (BuildState.SUPERSEDED, None)
        )
        self.assertEqual(
            without_result(old, JobFate.FAIL, CAUSE),
            (BuildState.FAILED_TO_BUILD, CAUSE),
        )

    @given(ENDINGS, FATES)
    def test_cancelled(self, build: Ending, fate: JobFate) -> None:
        """A canary, and what is being cancelled, is cancelled in any case."""
        state, _ = without_result(build, fate, CAUSE)
        if build.canary or build.state is BuildState.CANCELLING:
            self.assertIs(state, BuildState.CANCELLED)
        self.assertTrue(state.is_final or state is BuildState.NEEDS_BUILD)

    @given(ENDINGS, FATES)
    def test_table(self, build: Ending, fate: JobFate) -> None:
        """A build goes only where it may go, unless its results are thrown away."""
        state, _ = without_result(build, fate, CAUSE)
        thrown_away = state is BuildState.CANCELLED
        self.assertTrue(thrown_away or state in NEXT[build.state])


class RecordingTests(SynchronousTestCase):
    """A result is recorded."""

    def test_cancelling(self) -> None:
        """Of what is being cancelled is recorded that it was, and of nothing else."""
        for state in ON_BUILDER:
            for result in BuildState:
                if may_be_recorded(state, False, result):
                    self.assertEqual(
                        state is BuildState.CANCELLING, result is BuildState.CANCELLED
                    )
        self.assertTrue(
            may_be_recorded(BuildState.CANCELLING, False, BuildState.CANCELLED)
        )

    def test_canary(self) -> None:
        """A canary is never uploaded, and only a canary is built without that."""
        for canary, good, bad in (
            (True, BuildState.FULLY_BUILT, BuildState.UPLOADING),
            (False, BuildState.UPLOADING, BuildState.FULLY_BUILT),
        ):
            self.assertTrue(may_be_recorded(BuildState.BUILDING, canary, good))
            self.assertFalse(may_be_recorded(BuildState.BUILDING, canary, bad))
            failed = BuildState.FAILED_TO_BUILD
            self.assertTrue(may_be_recorded(BuildState.BUILDING, canary, failed))

    def test_acquits(self) -> None:
        """A builder is well if it builds a canary, or anything else to its end."""
        self.assertTrue(acquits(True, BuildState.FULLY_BUILT))
        self.assertFalse(acquits(True, BuildState.FAILED_TO_BUILD))
        self.assertTrue(acquits(False, BuildState.FAILED_TO_BUILD))
