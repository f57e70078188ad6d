"""What is done about a build that is under way."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.following import ABORTING_TAIL
from buildd_manager.domain.jobs import Assignment, AttemptState, Limit, Stopping
from buildd_manager.domain.origins import ELSEWHERE
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Garbled,
    Idle,
    Report,
    Unasked,
    Verdict,
    Waiting,
)
from buildd_manager.domain.steps import Collect, KeepTail, SaveLog, Settle, Step, Stop
from buildd_manager.testing.strategies import BUILDER, COOKIE
from tests.domain.plans import RUNNING, fates, planned


PACKAGES = {"hello_1_amd64.changes": "0" * 40}
GATHERING = evolve(RUNNING, state=AttemptState.GATHERING)
UNWANTED = evolve(RUNNING, cancelling=True)
CALLED_OFF = evolve(UNWANTED, stopping=Stopping(Cause.CANCELLED, 20.0))


def settled(steps: tuple[Step, ...]) -> Settle:
    """Give the judgement with which ``steps`` end."""
    step = steps[-1]
    assert isinstance(step, Settle), steps
    return step


class UnderWayTests(SynchronousTestCase):
    """A build that goes on."""

    def test_building(self) -> None:
        """While it builds, people see the end of the log. Cases 3, 123."""
        steps = planned(BUILDER, RUNNING, Building(COOKIE, b"gcc\xff\0"))
        self.assertEqual(steps, (KeepTail(RUNNING, "gcc\N{REPLACEMENT CHARACTER}"),))

    def test_aborting(self) -> None:
        """While it aborts, people are told so, in the words of 2005 (123)."""
        steps = planned(BUILDER, RUNNING, Aborting(COOKIE))
        self.assertEqual(steps, (KeepTail(RUNNING, ABORTING_TAIL),))

    def test_backwards(self) -> None:
        """A worker that had finished and builds again cannot be trusted."""
        steps = planned(BUILDER, GATHERING, Building(COOKIE))
        self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.FAIL))

    def test_recanted(self) -> None:
        """Nor can one that had a success, and says that it has none."""
        for verdict in Verdict:
            steps = planned(BUILDER, GATHERING, Waiting(COOKIE, verdict))
            self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.FAIL))

    def test_too_long(self) -> None:
        """A build that takes longer than any is called off, and people know why."""
        slow = evolve(RUNNING, running=14401.0)
        steps = planned(BUILDER, slow, Building(COOKIE))
        self.assertEqual(steps[-1], Stop(slow, Cause.TIMEOUT))

    def test_too_silent(self) -> None:
        """So is one whose log stays as it is for too long."""
        silent = evolve(RUNNING, silent=9601.0, tail="gcc")
        steps = planned(BUILDER, silent, Building(COOKIE, b"gcc"))
        self.assertEqual(steps[-1], Stop(silent, Cause.SILENCE))

    def test_nobody_looked(self) -> None:
        """A log that has changed was not silent, if nobody has looked for long."""
        unseen = evolve(RUNNING, silent=9601.0, tail="gcc")
        steps = planned(BUILDER, unseen, Building(COOKIE, b"ld"))
        self.assertEqual(steps, (KeepTail(unseen, "ld"),))

    def test_learned(self) -> None:
        """A build may take five times as long as its longest success of late."""
        slow = evolve(RUNNING, running=14401.0, wall=Limit(longest=3600.0))
        steps = planned(BUILDER, slow, Building(COOKIE))
        self.assertEqual(steps, (KeepTail(slow, ""),))

    def test_said(self) -> None:
        """What somebody has said of an architecture counts, and nothing else."""
        limit = Limit(said=60.0, longest=3600.0)
        slow = evolve(RUNNING, running=61.0, wall=limit)
        steps = planned(BUILDER, slow, Building(COOKIE))
        self.assertEqual(steps[-1], Stop(slow, Cause.TIMEOUT))


class LostTests(SynchronousTestCase):
    """A worker that says another name, or none."""

    def test_lost(self) -> None:
        """It has lost the job, which waits again; that counts against it alone."""
        rows: list[tuple[Report, str]] = [
            (Idle(), "nothing"),
            (Unasked(), "nothing"),
            (Building("7-1"), "'7-1'"),
            (Waiting("\x1b[2J", Verdict.OK), r"'\x1b[2J'"),
        ]
        for report, said in rows:
            step = settled(planned(BUILDER, RUNNING, report))
            self.assertEqual(fates((step,)), (JobFate.REQUEUE, BuilderFate.DIRTY))
            self.assertEqual(
                step.ruling.reason, f"lost: expected {COOKIE}, the worker has {said}"
            )
            counts = step.ruling.builder_failures, step.ruling.job_failures
            self.assertEqual(counts, (1, 0))

    def test_stolen(self) -> None:
        """One that says the name of another builder's job cannot be trusted."""
        steps = planned(BUILDER, RUNNING, Building("9-9"), ELSEWHERE)
        self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.FAIL))


class FinishedTests(SynchronousTestCase):
    """A build that has come to its end."""

    def test_conclusive(self) -> None:
        """What says something of the build is collected. Case 103."""
        for verdict, state in (
            (Verdict.OK, BuildState.UPLOADING),
            (Verdict.PACKAGEFAIL, BuildState.FAILED_TO_BUILD),
            (Verdict.DEPFAIL, BuildState.MANUAL_DEP_WAIT),
            (Verdict.CHROOTFAIL, BuildState.CHROOT_WAIT),
        ):
            finished = Waiting(COOKIE, verdict, PACKAGES)
            steps = planned(BUILDER, RUNNING, finished)
            self.assertEqual(steps, (Collect(RUNNING, finished, state),))

    def test_gathering_again(self) -> None:
        """What a crash has kept from being collected is collected again."""
        finished = Waiting(COOKIE, Verdict.OK, PACKAGES)
        steps = planned(BUILDER, GATHERING, finished)
        self.assertEqual(steps, (Collect(GATHERING, finished, BuildState.UPLOADING),))

    def test_superseded(self) -> None:
        """Nothing is uploaded of a source that is no longer wanted. Case 104."""
        superseded = evolve(RUNNING, superseded=True)
        finished = Waiting(COOKIE, Verdict.OK, PACKAGES)
        steps = planned(BUILDER, superseded, finished)
        self.assertEqual(steps, (Collect(superseded, finished, BuildState.SUPERSEDED),))

    def test_superseded_failure(self) -> None:
        """One that failed has failed, wanted or not."""
        superseded = evolve(RUNNING, superseded=True)
        finished = Waiting(COOKIE, Verdict.PACKAGEFAIL)
        (step,) = planned(BUILDER, superseded, finished)
        assert isinstance(step, Collect)
        self.assertIs(step.state, BuildState.FAILED_TO_BUILD)

    def test_inconclusive(self) -> None:
        """What says nothing of it sends it back to the queue; nobody is blamed."""
        rows: list[tuple[Report, Cause]] = [
            (Waiting(COOKIE, Verdict.GIVENBACK), Cause.GIVEN_BACK),
            (Waiting(COOKIE, Verdict.ABORTED), Cause.ABORTED),
            (Aborted(COOKIE), Cause.ABORTED),
        ]
        for report, cause in rows:
            step = settled(planned(BUILDER, RUNNING, report))
            self.assertEqual(fates((step,)), (JobFate.REQUEUE, BuilderFate.DIRTY))
            self.assertIs(step.ruling.cause, cause)
            self.assertFalse(step.ruling.blamed)

    def test_builder_failed(self) -> None:
        """A builder that says it is broken is out of use; the build waits (123)."""
        steps = planned(BUILDER, RUNNING, Waiting(COOKIE, Verdict.BUILDERFAIL))
        self.assertEqual(steps[0], SaveLog(RUNNING))
        self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.FAIL))
        self.assertEqual(
            settled(steps).ruling.reason,
            "Builder returned BUILDERFAIL when asked for its status",
        )

    def test_garbled(self) -> None:
        """What makes no sense is asked for once; builder and build are blamed."""
        steps = planned(BUILDER, RUNNING, Garbled(COOKIE, "filemap is no struct"))
        self.assertEqual(steps[0], SaveLog(RUNNING))
        self.assertEqual(fates(steps), (JobFate.REQUEUE, BuilderFate.DIRTY))
        ruling = settled(steps).ruling
        self.assertEqual((ruling.builder_failures, ruling.job_failures), (1, 1))
        self.assertEqual(ruling.reason, "filemap is no struct")

    def test_canary(self) -> None:
        """A canary shows that its builder is well, and is not uploaded."""
        canary = evolve(RUNNING, canary=True)
        finished = Waiting(COOKIE, Verdict.OK, PACKAGES)
        trier = evolve(BUILDER, on_trial=True)
        steps = planned(trier, canary, finished)
        self.assertEqual(steps, (Collect(canary, finished, BuildState.FULLY_BUILT),))

    def test_dead_canary(self) -> None:
        """A known good build that fails shows that its builder is not well."""
        canary = evolve(RUNNING, canary=True)
        trier = evolve(BUILDER, on_trial=True)
        steps = planned(trier, canary, Waiting(COOKIE, Verdict.PACKAGEFAIL))
        self.assertEqual(fates(steps), (JobFate.FAIL, BuilderFate.FAIL))

    def test_canary_without_an_end(self) -> None:
        """So does one that is called off, given up, or that makes no packages."""
        canary = evolve(RUNNING, canary=True)
        endless = evolve(canary, stopping=Stopping(Cause.SILENCE, 181.0))
        trier = evolve(BUILDER, on_trial=True)
        rows: list[tuple[Assignment, Report]] = [
            (endless, Building(COOKIE)),
            (endless, Aborted(COOKIE)),
            (endless, Waiting(COOKIE, Verdict.ABORTED)),
            (endless, Waiting(COOKIE, Verdict.BUILDERFAIL)),
            (canary, Aborted(COOKIE)),
            (canary, Waiting(COOKIE, Verdict.GIVENBACK)),
            (canary, Waiting(COOKIE, Verdict.OK)),
            (canary, Waiting(COOKIE, Verdict.OK, {"hello_1_amd64.deb": "0" * 40})),
            (canary, Garbled(COOKIE, "nonsense")),
        ]
        for assignment, report in rows:
            steps = planned(trier, assignment, report)
            self.assertEqual(fates(steps), (JobFate.FAIL, BuilderFate.FAIL), report)


class CalledOffTests(SynchronousTestCase):
    """A build that is to end before its time."""

    def test_cancelled(self) -> None:
        """A build that nobody wants is called off. Case 42."""
        steps = planned(BUILDER, UNWANTED, Building(COOKIE))
        self.assertEqual(steps[-1], Stop(UNWANTED, Cause.CANCELLED))

    def test_wanted(self) -> None:
        """One that somebody wants is not. Case 41."""
        steps = planned(BUILDER, RUNNING, Building(COOKIE))
        self.assertFalse([step for step in steps if isinstance(step, Stop)])

    def test_once(self) -> None:
        """It is called off once; then its worker has its time. Cases 42, 45."""
        for report in (Building(COOKIE), Aborting(COOKIE)):
            steps = planned(BUILDER, CALLED_OFF, report)
            self.assertEqual([type(step) for step in steps], [KeepTail])

    def test_overdue(self) -> None:
        """A worker that takes too long is not waited for. Case 45."""
        overdue = evolve(CALLED_OFF, stopping=Stopping(Cause.CANCELLED, 181.0))
        for report in (Building(COOKIE), Aborting(COOKIE)):
            steps = planned(BUILDER, overdue, report)
            self.assertEqual(fates(steps), (JobFate.CANCEL, BuilderFate.DIRTY))

    def test_log_kept(self) -> None:
        """Its log is kept, whatever the worker thinks of it; no more is. Case 45."""
        virtual = evolve(BUILDER, virtualized=True, vm_host="host")
        for verdict in Verdict:
            finished = Waiting(COOKIE, verdict, PACKAGES)
            (step,) = planned(virtual, CALLED_OFF, finished)
            assert isinstance(step, Collect)
            self.assertIs(step.state, BuildState.CANCELLED)
            self.assertFalse(step.acquits)

    def test_2005(self) -> None:
        """A worker of 2005 that has ended it has no log to give."""
        steps = planned(BUILDER, CALLED_OFF, Aborted(COOKIE))
        self.assertEqual(fates(steps), (JobFate.CANCEL, BuilderFate.DIRTY))

    def test_lost(self) -> None:
        """A build that is lost while it is cancelled is cancelled."""
        steps = planned(BUILDER, CALLED_OFF, Idle())
        self.assertEqual(fates(steps), (JobFate.CANCEL, BuilderFate.DIRTY))

    def test_timeout(self) -> None:
        """A build that took too long has failed, and people know why."""
        slow = evolve(RUNNING, stopping=Stopping(Cause.TIMEOUT, 20.0))
        virtual = evolve(BUILDER, virtualized=True, vm_host="host")
        for builder, verdict in (
            (BUILDER, Verdict.ABORTED),
            (virtual, Verdict.BUILDERFAIL),
        ):
            step, _ = planned(builder, slow, Waiting(COOKIE, verdict))
            assert isinstance(step, Collect)
            self.assertIs(step.state, BuildState.FAILED_TO_BUILD)
            self.assertIs(step.cause, Cause.TIMEOUT)

    def test_garbled(self) -> None:
        """What was called off has ended by that, even if the worker talks nonsense."""
        for assignment, job in (
            (CALLED_OFF, JobFate.CANCEL),
            (evolve(RUNNING, stopping=Stopping(Cause.TIMEOUT, 20.0)), JobFate.FAIL),
            (UNWANTED, JobFate.CANCEL),
        ):
            steps = planned(BUILDER, assignment, Garbled(COOKIE, "nonsense"))
            self.assertEqual(fates(steps), (job, BuilderFate.DIRTY))

    def test_not_killed(self) -> None:
        """
        A real machine is out of use if its worker cannot kill a build. Case 119.

        A virtual one is made anew, which ends whatever goes on there.
        """
        finished = Waiting(COOKIE, Verdict.BUILDERFAIL)
        for called_off, fate, cause in (
            (CALLED_OFF, JobFate.CANCEL, Cause.CANCELLED),
            (
                evolve(RUNNING, stopping=Stopping(Cause.TIMEOUT, 20.0)),
                JobFate.FAIL,
                Cause.TIMEOUT,
            ),
        ):
            steps = planned(BUILDER, called_off, finished)
            self.assertEqual(steps[0], SaveLog(called_off))
            self.assertEqual(fates(steps), (fate, BuilderFate.FAIL))
            ruling = settled(steps).ruling
            self.assertIs(ruling.cause, cause)
            self.assertIn("see to its machine", ruling.reason)
            self.assertEqual(ruling.job_failures, called_off.failures)
            self.assertGreater(ruling.trial_after, 0)

    def test_hung(self) -> None:
        """It is held against its builder alone, once it is recorded."""
        slow = evolve(RUNNING, stopping=Stopping(Cause.TIMEOUT, 20.0))
        for failures, fate in ((0, BuilderFate.DIRTY), (4, BuilderFate.FAIL)):
            builder = evolve(BUILDER, failures=failures)
            steps = planned(builder, slow, Waiting(COOKIE, Verdict.ABORTED))
            step = settled(steps)
            self.assertIsNone(step.assignment)
            self.assertEqual(fates(steps), (JobFate.KEEP, fate))
            self.assertEqual(step.ruling.builder_failures, failures + 1)

    def test_just_in_time(self) -> None:
        """One that had ended before it was called off is as good as any."""
        slow = evolve(RUNNING, stopping=Stopping(Cause.TIMEOUT, 20.0))
        (step,) = planned(BUILDER, slow, Waiting(COOKIE, Verdict.OK, PACKAGES))
        assert isinstance(step, Collect)
        self.assertIs(step.state, BuildState.UPLOADING)

    def test_timeout_overdue(self) -> None:
        """Where the worker does not end it, the build has failed all the same."""
        slow = evolve(RUNNING, stopping=Stopping(Cause.SILENCE, 181.0))
        step = settled(planned(BUILDER, slow, Building(COOKIE)))
        self.assertEqual(fates((step,)), (JobFate.FAIL, BuilderFate.DIRTY))
        self.assertIs(step.ruling.cause, Cause.SILENCE)
