"""What is decided from what is seen."""

from attrs import evolve
from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.planning import (
    ABORTING_TAIL,
    Observation,
    needs_report,
    plan,
)
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Idle,
    Report,
    Unasked,
    Verdict,
    Waiting,
)
from buildd_manager.domain.steps import (
    Abandon,
    AbortWorker,
    CleanWorker,
    Collect,
    Dispatch,
    FailBuilder,
    KeepTail,
    KeepVersion,
    MarkClean,
    ResetBuilder,
    Step,
    worth_another_look,
)
from buildd_manager.testing.strategies import (
    ASSIGNMENT,
    BUILDER,
    COOKIE,
    observations,
    reports,
)


CLEAN = evolve(BUILDER, clean=CleanState.CLEAN)
RUNNING = evolve(ASSIGNMENT, state=AttemptState.RUNNING)
PACKAGES = {"hello_1_amd64.changes": "0" * 40}


def planned(*seen: object) -> tuple[Step, ...]:
    """Plan for a builder, an assignment and a report."""
    return plan(Observation(*seen))  # type: ignore[arg-type]


class FreeBuilderTests(SynchronousTestCase):
    """A builder without an attempt."""

    def test_idle_and_clean(self) -> None:
        """A clean builder that is idle is dispatched to."""
        self.assertEqual(planned(CLEAN, None, Idle()), (Dispatch(),))

    def test_manual(self) -> None:
        """A manual builder is not dispatched to."""
        self.assertEqual(planned(evolve(CLEAN, manual=True), None, Idle()), ())

    def test_new_version(self) -> None:
        """A version that is news is remembered before a job is given."""
        steps = planned(CLEAN, None, Idle("254"))
        self.assertEqual(steps, (KeepVersion("254"), Dispatch()))

    def test_known_version(self) -> None:
        """A version that is known is not written again."""
        known = evolve(CLEAN, version="254")
        self.assertEqual(planned(known, None, Idle("254")), (Dispatch(),))

    def test_clean_but_busy(self) -> None:
        """A clean builder that is not idle cannot be trusted."""
        steps = planned(CLEAN, None, Building("1-1"))
        self.assertEqual(steps, (FailBuilder("Allegedly clean worker not idle"),))

    def test_out_of_use(self) -> None:
        """A builder that is out of use is left alone."""
        self.assertEqual(planned(evolve(BUILDER, ok=False), None, Unasked()), ())

    def test_cleaning(self) -> None:
        """A dirty builder is brought to idleness, by what its worker says."""
        rows: list[tuple[object, tuple[Step, ...]]] = [
            (Idle(), (MarkClean(),)),
            (Building("1-1"), (AbortWorker(),)),
            (Aborting("1-1"), ()),
            (Unasked(), ()),
            (Aborted("1-1"), (CleanWorker(), MarkClean())),
            (Waiting("1-1", Verdict.OK), (CleanWorker(), MarkClean())),
        ]
        for report, steps in rows:
            self.assertEqual(planned(BUILDER, None, report), steps)

    def test_reset(self) -> None:
        """A dirty virtual builder is reset, whatever its worker says."""
        virtual = evolve(BUILDER, virtualized=True, vm_host="host")
        self.assertEqual(planned(virtual, None, Building("x")), (ResetBuilder(),))


class AssignedBuilderTests(SynchronousTestCase):
    """A builder with an attempt."""

    def test_never_acknowledged(self) -> None:
        """A claim that a later look finds is abandoned, even if the job runs."""
        for report in (Idle(), Building(COOKIE), Waiting(COOKIE, Verdict.OK)):
            (step,) = planned(BUILDER, ASSIGNMENT, report)
            self.assertEqual(
                step, Abandon(ASSIGNMENT, "the worker never acknowledged it")
            )

    def test_building(self) -> None:
        """While it builds, people see the end of the log."""
        steps = planned(BUILDER, RUNNING, Building(COOKIE, b"gcc\xff\0"))
        self.assertEqual(steps, (KeepTail(RUNNING, "gcc\N{REPLACEMENT CHARACTER}"),))

    def test_aborting(self) -> None:
        """While it aborts, people are told so."""
        steps = planned(BUILDER, RUNNING, Aborting(COOKIE))
        self.assertEqual(steps, (KeepTail(RUNNING, ABORTING_TAIL),))

    def test_collected(self) -> None:
        """What has come to an end is collected."""
        for verdict in (
            Verdict.OK,
            Verdict.PACKAGEFAIL,
            Verdict.DEPFAIL,
            Verdict.CHROOTFAIL,
        ):
            finished = Waiting(COOKIE, verdict, PACKAGES)
            steps = planned(BUILDER, RUNNING, finished)
            self.assertEqual(steps, (Collect(RUNNING, finished),))

    def test_gathering_again(self) -> None:
        """What a crash has kept from being collected is collected again."""
        gathering = evolve(RUNNING, state=AttemptState.GATHERING)
        finished = Waiting(COOKIE, Verdict.OK, PACKAGES)
        steps = planned(BUILDER, gathering, finished)
        self.assertEqual(steps, (Collect(gathering, finished),))

    def test_inconclusive(self) -> None:
        """What says nothing of the build sends it back to the queue."""
        rows: list[tuple[object, str]] = [
            (Waiting(COOKIE, Verdict.GIVENBACK), "the worker gave it back"),
            (Waiting(COOKIE, Verdict.ABORTED), "it was aborted"),
            (Aborted(COOKIE), "it was aborted"),
        ]
        for report, reason in rows:
            self.assertEqual(
                planned(BUILDER, RUNNING, report), (Abandon(RUNNING, reason),)
            )

    def test_builder_failed(self) -> None:
        """A builder that says it is broken is taken out of use; the build waits."""
        notes = "Builder returned BUILDERFAIL when asked for its status"
        steps = planned(BUILDER, RUNNING, Waiting(COOKIE, Verdict.BUILDERFAIL))
        self.assertEqual(steps, (Abandon(RUNNING, notes), FailBuilder(notes)))

    def test_lost(self) -> None:
        """A worker that says another name, or none, has lost the job."""
        rows: list[tuple[object, str]] = [
            (Idle(), "nothing"),
            (Building("7-1"), "'7-1'"),
            (Waiting("\x1b[2J", Verdict.OK), r"'\x1b[2J'"),
        ]
        for report, said in rows:
            reason = f"lost: expected {COOKIE}, the worker has {said}"
            self.assertEqual(
                planned(BUILDER, RUNNING, report), (Abandon(RUNNING, reason),)
            )

    def test_not_dirty(self) -> None:
        """A job on a builder that is not dirty is a fault of isolation."""
        notes = "Non-dirty builder allegedly building."
        steps = planned(CLEAN, RUNNING, Building(COOKIE))
        self.assertEqual(steps, (Abandon(RUNNING, notes), FailBuilder(notes)))

    def test_out_of_use(self) -> None:
        """The build of a builder that was taken out of use waits again."""
        steps = planned(evolve(BUILDER, ok=False), RUNNING, Unasked())
        self.assertEqual(steps, (Abandon(RUNNING, "the builder is out of use"),))


class LawTests(SynchronousTestCase):
    """What holds whatever is seen."""

    @given(observations())
    def test_busy_is_never_given_more(self, seen: Observation) -> None:
        """Only a builder that is clean, idle, ok and free is dispatched to."""
        if Dispatch() in plan(seen):
            self.assertIsNone(seen.assignment)
            self.assertIsInstance(seen.report, Idle)
            self.assertIs(seen.builder.clean, CleanState.CLEAN)
            self.assertTrue(seen.builder.ok)
            self.assertFalse(seen.builder.manual)

    @given(observations(), reports())
    def test_unasked(self, seen: Observation, report: Report) -> None:
        """A worker that is not asked could have said nothing of any consequence."""
        if not needs_report(seen.builder, seen.assignment):
            self.assertEqual(plan(seen), plan(evolve(seen, report=report)))

    @given(observations())
    def test_only_ours_is_collected(self, seen: Observation) -> None:
        """Only results of an acknowledged attempt, by its own name, are collected."""
        for step in plan(seen):
            if isinstance(step, Collect):
                self.assertIsNot(step.assignment.state, AttemptState.CLAIMED)
                self.assertEqual(step.finished.cookie, str(step.assignment.cookie))

    @given(observations())
    def test_clean_is_the_last_word(self, seen: Observation) -> None:
        """A builder is marked clean only if idle, or after its worker was cleaned."""
        steps = plan(seen)
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
        yes: list[Step] = [
            MarkClean(),
            ResetBuilder(),
            Abandon(RUNNING, "x"),
            Collect(RUNNING, Waiting(COOKIE, Verdict.OK)),
        ]
        no: list[Step] = [Dispatch(), AbortWorker(), KeepTail(RUNNING, "x")]
        self.assertTrue(all(worth_another_look((step,)) for step in yes))
        self.assertFalse(any(worth_another_look((step,)) for step in no))

    def test_nothing(self) -> None:
        """It is not when nothing was to be done."""
        self.assertFalse(worth_another_look(()))
