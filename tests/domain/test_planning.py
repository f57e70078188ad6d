"""What is decided from what is seen."""

from attrs import evolve
from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.observations import Observation, needs_report
from buildd_manager.domain.planning import plan
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import (
    Building,
    Idle,
    Report,
    Unasked,
    Verdict,
    Waiting,
)
from buildd_manager.domain.steps import (
    AbortWorker,
    CleanWorker,
    Collect,
    Dispatch,
    Introduce,
    KeepTail,
    MarkClean,
    PutOnTrial,
    ResetBuilder,
    Settle,
    Step,
    Stop,
    worth_another_look,
)
from buildd_manager.testing.strategies import (
    ASSIGNMENT,
    BUILDER,
    COOKIE,
    observations,
    reports,
)
from tests.domain.plans import RUNNING, fates, planned


CLEAN = evolve(BUILDER, clean=CleanState.CLEAN, introduced=True)


class FreeBuilderTests(SynchronousTestCase):
    """A builder without an attempt."""

    def test_idle_and_clean(self) -> None:
        """A clean builder that is idle is dispatched to."""
        self.assertEqual(planned(CLEAN, None, Idle()), (Dispatch(),))

    def test_manual(self) -> None:
        """A manual builder is not dispatched to. Case 5."""
        self.assertEqual(planned(evolve(CLEAN, manual=True), None, Idle()), ())

    def test_introduced_first(self) -> None:
        """A builder says what it is before it is given its first job."""
        steps = planned(evolve(CLEAN, introduced=False), None, Idle("254"))
        self.assertEqual(steps, (Introduce("254"), Dispatch()))

    def test_new_version(self) -> None:
        """A builder with another launchpad-buildd says what it is again. Case 13."""
        steps = planned(evolve(CLEAN, version="253"), None, Idle("254"))
        self.assertEqual(steps, (Introduce("254"), Dispatch()))

    def test_known_version(self) -> None:
        """A version that is known is not asked for, nor written, again. Case 13."""
        known = evolve(CLEAN, version="254")
        self.assertEqual(planned(known, None, Idle("254")), (Dispatch(),))

    def test_clean_but_busy(self) -> None:
        """A clean builder that is not idle is out of use at once. Case 21."""
        (step,) = planned(CLEAN, None, Building("1-1"))
        assert isinstance(step, Settle)
        self.assertIs(step.ruling.builder, BuilderFate.FAIL)
        self.assertEqual(step.ruling.reason, "Allegedly clean worker not idle")

    def test_out_of_use(self) -> None:
        """A builder that is out of use is left alone."""
        self.assertEqual(planned(evolve(BUILDER, ok=False), None, Unasked()), ())

    def test_tried_again(self) -> None:
        """A builder that was failed by us is tried again after a while."""
        due = evolve(BUILDER, ok=False, trial_due=True)
        self.assertEqual(planned(due, None, Unasked()), (PutOnTrial(),))


class AssignedBuilderTests(SynchronousTestCase):
    """A builder with an attempt that says nothing of consequence."""

    def test_never_acknowledged(self) -> None:
        """A claim that a later look finds is over, even if the job runs."""
        for report in (Idle(), Building(COOKIE), Unasked()):
            steps = planned(BUILDER, ASSIGNMENT, report)
            self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.DIRTY))

    def test_not_dirty(self) -> None:
        """
        A job on a builder that is not dirty is a fault of isolation. Cases 18, 34.

        The builder is out of use at once; the build, which has done nothing, waits
        again.
        """
        (step,) = planned(CLEAN, RUNNING, Unasked())
        assert isinstance(step, Settle)
        self.assertEqual(fates((step,)), (JobFate.REQUEUE, BuilderFate.FAIL))
        self.assertEqual(step.ruling.reason, "Non-dirty builder allegedly building.")
        self.assertIs(step.ruling.cause, Cause.ISOLATION)

    def test_out_of_use(self) -> None:
        """The build of a builder that was taken out of use waits again. Case 2."""
        steps = planned(evolve(BUILDER, ok=False), RUNNING, Unasked())
        self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.DIRTY))

    def test_out_of_use_and_cancelled(self) -> None:
        """A build that nobody wants does not wait again."""
        unwanted = evolve(RUNNING, cancelling=True)
        steps = planned(evolve(BUILDER, ok=False), unwanted, Unasked())
        self.assertEqual(fates(steps), (JobFate.CANCEL, BuilderFate.DIRTY))


class LawTests(SynchronousTestCase):
    """What holds whatever is seen."""

    def planned(self, seen: Observation) -> tuple[Step, ...]:
        return plan(seen, Policy())

    @given(observations())
    def test_busy_is_never_given_more(self, seen: Observation) -> None:
        """Only a builder that is clean, idle, ok and free is dispatched to."""
        if Dispatch() in self.planned(seen):
            self.assertIsNone(seen.assignment)
            self.assertIsInstance(seen.report, Idle)
            self.assertIs(seen.builder.clean, CleanState.CLEAN)
            self.assertTrue(seen.builder.ok)
            self.assertFalse(seen.builder.manual)

    @given(observations(), reports())
    def test_unasked(self, seen: Observation, report: Report) -> None:
        """A worker that is not asked could have said nothing of any consequence."""
        if not needs_report(seen.builder, seen.assignment):
            other = evolve(seen, report=report)
            self.assertEqual(self.planned(seen), self.planned(other))

    @given(observations())
    def test_only_ours_is_collected(self, seen: Observation) -> None:
        """Only results of an acknowledged attempt, by its own name, are collected."""
        for step in self.planned(seen):
            if isinstance(step, Collect):
                self.assertIsNot(step.assignment.state, AttemptState.CLAIMED)
                self.assertEqual(step.finished.cookie, str(step.assignment.cookie))

    @given(observations())
    def test_cancelled_is_final(self, seen: Observation) -> None:
        """A build that nobody wants is cancelled, or goes on for a while (I21)."""
        if seen.assignment is None or not seen.assignment.cancelling:
            return
        for step in self.planned(seen):
            if isinstance(step, Collect):
                self.assertIs(step.state, BuildState.CANCELLED)
            if isinstance(step, Settle):
                self.assertIs(step.ruling.job, JobFate.CANCEL)

    @given(observations())
    def test_canary_is_never_uploaded(self, seen: Observation) -> None:
        """What was built to try a builder is not published."""
        for step in self.planned(seen):
            if isinstance(step, Collect) and step.assignment.canary:
                self.assertIsNot(step.state, BuildState.UPLOADING)

    @given(observations())
    def test_stopped_once(self, seen: Observation) -> None:
        """A worker is told once to end what it builds. Case 42."""
        if any(isinstance(step, Stop) for step in self.planned(seen)):
            assert seen.assignment is not None
            self.assertIsNone(seen.assignment.stopping)

    @given(observations())
    def test_clean_is_the_last_word(self, seen: Observation) -> None:
        """A builder is marked clean only if idle, or after its worker was cleaned."""
        steps = self.planned(seen)
        if MarkClean() in steps:
            self.assertTrue(
                isinstance(seen.report, Idle)
                or steps.index(CleanWorker()) < steps.index(MarkClean())
            )
            self.assertIsNone(seen.assignment)


class AnotherLookTests(SynchronousTestCase):
    """Whether to look again at once."""

    def test_worth_it(self) -> None:
        """It is after what changes what a look shows, and not while waiting."""
        ruling = Ruling(
            job=JobFate.REQUEUE,
            builder=BuilderFate.DIRTY,
            builder_failures=0,
            job_failures=0,
            cause=Cause.ABORTED,
            reason="",
        )
        finished = Waiting(COOKIE, Verdict.OK)
        yes: list[Step] = [
            MarkClean(),
            ResetBuilder(),
            Settle(RUNNING, ruling),
            Collect(RUNNING, finished, BuildState.UPLOADING),
        ]
        no: list[Step] = [Dispatch(), AbortWorker(), KeepTail(RUNNING, "x")]
        self.assertTrue(all(worth_another_look((step,)) for step in yes))
        self.assertFalse(any(worth_another_look((step,)) for step in no))

    def test_nothing(self) -> None:
        """It is not when nothing was to be done."""
        self.assertFalse(worth_another_look(()))
