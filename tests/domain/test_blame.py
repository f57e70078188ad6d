"""Whose fault a failure is."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.blame import (
    BuilderFate,
    Case,
    JobFate,
    Offence,
    Ruling,
    is_farm_wide,
    judge,
)
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.policy import Policy
from buildd_manager.testing.strategies import BUILDER, assignments, builders
from tests.domain.plans import RUNNING


POLICY = Policy()
SINGLE = st.sampled_from(Offence)


def judged(
    offence: Offence, builder: Builder = BUILDER, assignment: Assignment | None = None
) -> Ruling:
    """Judge an offence."""
    case = Case(
        offence=offence,
        cause=Cause.BUILDER_FAILED,
        reason="because",
        builder=builder,
        assignment=assignment,
    )
    return judge(case, POLICY)


def counted(offence: Offence, builder: int, job: int) -> Ruling:
    """Judge an offence with which builder and job come to have so many."""
    return judged(
        offence,
        evolve(BUILDER, failures=builder - 1),
        evolve(RUNNING, failures=job - 1),
    )


def fates(ruling: Ruling) -> tuple[JobFate, BuilderFate]:
    """Give what is ordered."""
    return ruling.job, ruling.builder


class TableTests(SynchronousTestCase):
    """Counts of builder and job, and what comes of them."""

    def test_counted(self) -> None:
        """
        A failure counts once against both, unless one of them is to blame. Case 24.

        Where the job is, what is held against the builder is forgotten.
        """
        for before, after in (((0, 0), (1, 1)), ((1, 0), (2, 1)), ((0, 1), (0, 2))):
            ruling = judged(
                Offence.TROUBLE,
                evolve(BUILDER, failures=before[0]),
                evolve(RUNNING, failures=before[1]),
            )
            self.assertEqual((ruling.builder_failures, ruling.job_failures), after)

    def test_both_seldom(self) -> None:
        """Where both have failed twice, scans go on. Case 28."""
        ruling = counted(Offence.TROUBLE, 2, 2)
        self.assertEqual(fates(ruling), (JobFate.KEEP, BuilderFate.KEEP))
        counts = ruling.builder_failures, ruling.job_failures
        self.assertEqual(counts, (2, 2))

    def test_both_often(self) -> None:
        """Where both have failed three times, the job goes elsewhere. Case 29."""
        ruling = counted(Offence.TROUBLE, 3, 3)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.DIRTY))

    def test_not_started(self) -> None:
        """A job that was not started goes elsewhere at once. Case 30."""
        ruling = counted(Offence.NOT_STARTED, 2, 2)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.DIRTY))

    def test_worse_builder(self) -> None:
        """A builder that fails more often than its job is made anew. Cases 31, 39."""
        ruling = counted(Offence.TROUBLE, 4, 1)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.DIRTY))

    def test_bad_builder(self) -> None:
        """One that has done so five times is out of use. Cases 32, 39."""
        ruling = counted(Offence.TROUBLE, 5, 1)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.FAIL))
        self.assertEqual(ruling.reason, "because")

    def test_worse_job(self) -> None:
        """A job that fails more often than its builder has failed. Case 37."""
        ruling = counted(Offence.TROUBLE, 1, 2)
        self.assertEqual(fates(ruling), (JobFate.FAIL, BuilderFate.DIRTY))
        self.assertEqual(ruling.builder_failures, 0)

    def test_no_job(self) -> None:
        """A builder that fails without a job is made anew, then out of use. Case 25."""
        for failures, fate in ((0, BuilderFate.DIRTY), (5, BuilderFate.FAIL)):
            ruling = judged(Offence.TROUBLE, evolve(BUILDER, failures=failures))
            self.assertEqual(fates(ruling), (JobFate.KEEP, fate))

    def test_betrayal(self) -> None:
        """
        A worker that cannot be trusted is out of use at once. Case 34.

        Unlike in today's manager the build, which has done nothing, waits again.
        """
        ruling = counted(Offence.BETRAYAL, 1, 1)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.FAIL))

    def test_treacherous_job(self) -> None:
        """A job under which a second worker cannot be trusted has failed."""
        ruling = counted(Offence.BETRAYAL, 1, 2)
        self.assertEqual(fates(ruling), (JobFate.FAIL, BuilderFate.FAIL))

    def test_unsuitable(self) -> None:
        """A worker of the wrong kind is out of use; the job did nothing."""
        ruling = judged(Offence.UNSUITABLE, BUILDER, RUNNING)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.FAIL))
        self.assertEqual(ruling.job_failures, 0)

    def test_builder_failed(self) -> None:
        """A builder that says it is broken is believed (123) ..."""
        ruling = counted(Offence.BUILDER_FAILED, 1, 1)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.FAIL))

    def test_job_breaks_builders(self) -> None:
        """... but not about a job that another one has said the same about."""
        ruling = counted(Offence.BUILDER_FAILED, 1, 2)
        self.assertEqual(fates(ruling), (JobFate.FAIL, BuilderFate.DIRTY))

    def test_cancelling(self) -> None:
        """Whatever fails, a build that nobody wants is cancelled."""
        for offence in Offence:
            unwanted = evolve(RUNNING, cancelling=True)
            self.assertIs(judged(offence, BUILDER, unwanted).job, JobFate.CANCEL)


class StoryTests(SynchronousTestCase):
    """One judgement after the other."""

    def story(
        self, offence: Offence, builder: Builder, assignment: Assignment
    ) -> list[Ruling]:
        """Have the same job fail on the same builder until it ends."""
        rulings = []
        while True:
            rulings.append(ruling := judged(offence, builder, assignment))
            if ruling.job in {JobFate.FAIL, JobFate.CANCEL}:
                return rulings
            again = ruling.job is JobFate.REQUEUE
            builder = evolve(builder, failures=ruling.builder_failures)
            if ruling.builder is BuilderFate.FAIL:
                builder = evolve(builder, failures=0, on_trial=True)
            assignment = evolve(
                assignment,
                failures=ruling.job_failures,
                number=assignment.number + again,
            )

    def jobs_until_failed(self, offence: Offence) -> int:
        """Have one new job after the other fail on a builder until it is failed."""
        failures = number = 0
        while number <= POLICY.attempts:
            number += 1
            ruling = judged(offence, evolve(BUILDER, failures=failures), RUNNING)
            failures = ruling.builder_failures
            if ruling.builder is BuilderFate.FAIL:
                break
        return number

    def test_poison_on_a_farm_of_one(self) -> None:
        """A job that can never run ends; its builder is in use at the end (I8)."""
        for offence in Offence:
            rulings = self.story(offence, BUILDER, RUNNING)
            requeued = [r for r in rulings if r.job is JobFate.REQUEUE]
            self.assertLess(len(requeued), POLICY.attempts)
            if offence not in {Offence.UNSUITABLE, Offence.BETRAYAL}:
                self.assertIsNot(rulings[-1].builder, BuilderFate.FAIL, offence)

    def test_second_poison(self) -> None:
        """A builder that has seen one such job is not out of use after another."""
        builder = BUILDER
        for _ in range(2):
            *_, last = self.story(Offence.NOT_STARTED, builder, RUNNING)
            builder = evolve(builder, failures=last.builder_failures)
            self.assertIs(last.builder, BuilderFate.DIRTY)

    def test_bad_builder_many_jobs(self) -> None:
        """A builder that fails every job is out of use before six of them."""
        self.assertEqual(self.jobs_until_failed(Offence.NOT_STARTED), 5)

    def test_found_out_mid_build(self) -> None:
        """So is one that starts every job and loses it: starting is no merit."""
        self.assertEqual(self.jobs_until_failed(Offence.LOST), 5)

    def test_hung_by_its_builder(self) -> None:
        """So is one on which every build hangs, though each of them has failed."""
        self.assertIs(judged(Offence.HUNG, BUILDER, RUNNING).job, JobFate.FAIL)
        self.assertEqual(self.jobs_until_failed(Offence.HUNG), 5)

    def test_trial(self) -> None:
        """A builder on trial fails it with its first failure, and waits longer."""
        trier = evolve(BUILDER, on_trial=True, trials=2)
        for offence in (Offence.TROUBLE, Offence.LOST, Offence.NOT_STARTED):
            ruling = judged(offence, trier, RUNNING)
            self.assertIs(ruling.builder, BuilderFate.FAIL)
            self.assertEqual(ruling.trial_after, 1200.0)

    def test_bad_job_at_a_trial(self) -> None:
        """It does not, if the job is known to be a bad one."""
        trier = evolve(BUILDER, on_trial=True)
        bad = evolve(RUNNING, failures=1)
        ruling = judged(Offence.NOT_STARTED, trier, bad)
        self.assertEqual(fates(ruling), (JobFate.FAIL, BuilderFate.DIRTY))

    def test_second_try_at_a_trial(self) -> None:
        """What has been lost before shows nothing when it is lost once more."""
        trier = evolve(BUILDER, on_trial=True)
        again = evolve(RUNNING, number=2)
        ruling = judged(Offence.LOST, trier, again)
        self.assertEqual(fates(ruling), (JobFate.REQUEUE, BuilderFate.DIRTY))

    def test_bad_jobs_at_a_trial(self) -> None:
        """But it excuses a builder only so often: they may have failed just there."""
        bad = evolve(RUNNING, failures=1, number=2)
        for offence in (Offence.NOT_STARTED, Offence.BUILDER_FAILED, Offence.LOST):
            trier = evolve(BUILDER, on_trial=True)
            for _ in range(POLICY.fail_builder_at - 1):
                ruling = judged(offence, trier, bad)
                self.assertIs(ruling.builder, BuilderFate.DIRTY)
                trier = evolve(trier, failures=ruling.builder_failures)
            self.assertIs(judged(offence, trier, bad).builder, BuilderFate.FAIL)


class LawTests(SynchronousTestCase):
    """What holds for every failure."""

    @given(SINGLE, builders(), assignments())
    def test_bounded(
        self, offence: Offence, builder: Builder, assignment: Assignment
    ) -> None:
        """A build that has had its attempts waits for no other."""
        ruling = judged(offence, builder, assignment)
        if assignment.number >= POLICY.attempts and not assignment.canary:
            self.assertIn(ruling.job, {JobFate.FAIL, JobFate.CANCEL})

    @given(SINGLE, builders(), assignments())
    def test_counts_grow_by_one(
        self, offence: Offence, builder: Builder, assignment: Assignment
    ) -> None:
        """No count grows by more than one, and a build's never shrinks."""
        ruling = judged(offence, builder, assignment)
        self.assertLessEqual(ruling.builder_failures, builder.failures + 1)
        self.assertIn(ruling.job_failures - assignment.failures, {0, 1})

    @given(builders(), assignments())
    def test_nothing(self, builder: Builder, assignment: Assignment) -> None:
        """Where nothing was done, nobody is blamed."""
        ruling = judged(Offence.NOTHING, builder, assignment)
        self.assertFalse(ruling.blamed)
        self.assertIsNot(ruling.builder, BuilderFate.FAIL)
        self.assertEqual(ruling.job_failures, assignment.failures)


class FarmWideTests(SynchronousTestCase):
    """Trouble of the whole farm."""

    def test_table(self) -> None:
        """It is so if most builders fail at once, and there are three of them."""
        for failing, builders_, foul in (
            (0, 0, False),
            (1, 1, False),
            (2, 2, False),
            (2, 3, False),
            (3, 3, True),
            (3, 5, True),
            (3, 6, False),
            (51, 100, True),
        ):
            self.assertIs(is_farm_wide(failing, builders_, POLICY), foul)


class PolicyTests(SynchronousTestCase):
    """The numbers."""

    def test_trials(self) -> None:
        """Each failed trial doubles the time until the next, up to a day."""
        delays = [POLICY.trial_delay(trials) for trials in (0, 1, 2, 40)]
        self.assertEqual(delays, [300.0, 600.0, 1200.0, 86400.0])
