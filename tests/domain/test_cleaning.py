"""How a builder without a job becomes clean."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import CleanState, ResetProtocol
from buildd_manager.domain.origins import MISMATCH, OURS, no_such_build
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
from buildd_manager.domain.steps import (
    AbortWorker,
    CleanWorker,
    MarkClean,
    MarkCleaning,
    RequestReset,
    Rescue,
    ResetBuilder,
    Settle,
    Step,
)
from buildd_manager.testing.strategies import BUILDER
from tests.domain.plans import fates, planned


CLEANING = evolve(BUILDER, clean=CleanState.CLEANING)
VIRTUAL = evolve(BUILDER, virtualized=True, vm_host="host")
ELSEWHERE_RESET = evolve(VIRTUAL, reset_protocol=ResetProtocol.V2_0)


class RealBuilderTests(SynchronousTestCase):
    """A builder that is cleaned by telling its worker. Case 78."""

    def test_dirty(self) -> None:
        """A dirty builder is brought to idleness, by what its worker says."""
        rows: list[tuple[Report, tuple[Step, ...]]] = [
            (Idle(), (MarkClean(),)),
            (Building("1-1"), (MarkCleaning(), AbortWorker())),
            (Aborting("1-1"), (MarkCleaning(),)),
            (Unasked(), ()),
            (Aborted("1-1"), (CleanWorker(), MarkClean())),
            (Waiting("1-1", Verdict.OK), (CleanWorker(), MarkClean())),
            (Garbled("1-1", "nonsense"), (CleanWorker(), MarkClean())),
        ]
        for report, steps in rows:
            self.assertEqual(planned(BUILDER, None, report), steps)

    def test_cleaning(self) -> None:
        """While it is being cleaned, it is told again what it has not heard."""
        rows: list[tuple[Report, tuple[Step, ...]]] = [
            (Idle(), (MarkClean(),)),
            (Building("1-1"), (AbortWorker(),)),
            (Aborting("1-1"), ()),
            (Waiting("1-1", Verdict.ABORTED), (CleanWorker(), MarkClean())),
        ]
        for report, steps in rows:
            self.assertEqual(planned(CLEANING, None, report), steps)

    def test_wedged(self) -> None:
        """A worker that never ends what it builds is out of use, with the mend."""
        wedged = evolve(CLEANING, restless=181.0)
        for report in (Building("1-1"), Aborting("1-1")):
            steps = planned(wedged, None, report)
            self.assertEqual(fates(steps), (JobFate.KEEP, BuilderFate.FAIL))
            (step,) = steps
            assert isinstance(step, Settle)
            self.assertIn("restart launchpad-buildd", step.ruling.reason)

    def test_patience(self) -> None:
        """It has as long as a worker may take to end a build."""
        almost = evolve(CLEANING, restless=180.0)
        self.assertEqual(planned(almost, None, Aborting("1-1")), ())

    def test_rescued(self) -> None:
        """People are told of a job that is none of ours, once (121)."""
        reason = "Job build entry mismatch"
        self.assertEqual(
            planned(BUILDER, None, Waiting("7-1", Verdict.OK), MISMATCH),
            (Rescue("7-1", reason), CleanWorker(), MarkClean()),
        )
        self.assertEqual(
            planned(BUILDER, None, Building("7-1"), MISMATCH),
            (Rescue("7-1", reason), MarkCleaning(), AbortWorker()),
        )
        self.assertEqual(
            planned(CLEANING, None, Building("7-1"), MISMATCH), (AbortWorker(),)
        )
        self.assertEqual(
            planned(CLEANING, None, Waiting("7-1", Verdict.ABORTED), MISMATCH),
            (CleanWorker(), MarkClean()),
        )

    def test_unknown_build(self) -> None:
        """They are told, too, that there is no such build (121)."""
        lost = planned(BUILDER, None, Building("1000-10000"), no_such_build(1000))
        self.assertEqual(
            lost[0],
            Rescue("1000-10000", "The object Build by the ID 1000 does not exist"),
        )

    def test_sane(self) -> None:
        """Nothing is said of what is ours (121)."""
        steps = planned(BUILDER, None, Waiting("2-1", Verdict.OK), OURS)
        self.assertEqual(steps, (CleanWorker(), MarkClean()))


class VirtualBuilderTests(SynchronousTestCase):
    """A builder whose machine is made anew."""

    def test_reset(self) -> None:
        """It is reset whatever its worker says, and again after a crash of ours."""
        for clean in (CleanState.DIRTY, CleanState.CLEANING):
            builder = evolve(VIRTUAL, clean=clean)
            steps = planned(builder, None, Building("x"))
            self.assertEqual(steps, (ResetBuilder(),))

    def test_asked_for(self) -> None:
        """Where others reset it, that is asked for once."""
        self.assertEqual(planned(ELSEWHERE_RESET, None, Unasked()), (RequestReset(),))
        cleaning = evolve(ELSEWHERE_RESET, clean=CleanState.CLEANING)
        self.assertEqual(planned(cleaning, None, Unasked()), ())

    def test_missed(self) -> None:
        """A machine that nobody says is clean is missed after a while."""
        cleaning = evolve(ELSEWHERE_RESET, clean=CleanState.CLEANING, restless=1801.0)
        steps = planned(cleaning, None, Unasked())
        self.assertEqual(fates(steps), (JobFate.KEEP, BuilderFate.FAIL))
