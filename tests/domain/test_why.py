"""What is said to whom asks why something waits."""

from attrs import evolve
from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.matching import (
    Candidate,
    WaitingBuild,
    best,
)
from buildd_manager.domain.reasons import Reason
from buildd_manager.domain.why import Because, why_idle, why_waiting
from tests.domain.test_matching import ANN, BOB, BUILD, builds, farms


class WhyWaitingTests(SynchronousTestCase):
    """Why a build waits."""

    def test_next(self) -> None:
        """There is nothing to say of a build that is the best for a free builder."""
        self.assertEqual(why_waiting(BUILD, [BUILD], [BOB]), ())
        busy = evolve(BOB, busy=True)
        self.assertEqual(why_waiting(BUILD, [BUILD], [busy, ANN]), ())

    def test_builder_by_builder(self) -> None:
        """Each builder has its reasons."""
        arm = evolve(ANN, architectures=frozenset({"arm64"}), manual=True)
        because = why_waiting(BUILD, [BUILD], [arm, evolve(BOB, busy=True)])
        self.assertEqual(
            because,
            (
                Because(Reason.BUILDER_BUSY, BOB.id),
                Because(Reason.WRONG_ARCHITECTURE, ANN.id),
                Because(Reason.BUILDER_MANUAL, ANN.id),
            ),
        )

    def test_outranked(self) -> None:
        """A better build is named."""
        better = evolve(BUILD, id=2, queue=2, score=9999)
        unsuitable = evolve(better, id=3, queue=3, has_chroot=False, score=99999)
        because = why_waiting(BUILD, [BUILD, unsuitable, better], [BOB])
        self.assertEqual(because, (Because(Reason.OUTRANKED, BOB.id, better.id),))

    def test_nowhere(self) -> None:
        """It is said that there is no builder of its kind, broken or not."""
        nowhere = (Because(Reason.NO_BUILDER_SUITS),)
        self.assertEqual(why_waiting(BUILD, [BUILD], []), nowhere)
        arm = evolve(BUILD, architecture="arm64")
        self.assertEqual(why_waiting(arm, [arm], [BOB])[:1], nowhere)
        broken = why_waiting(BUILD, [BUILD], [evolve(BOB, ok=False)])
        self.assertEqual(broken, (Because(Reason.BUILDER_NOT_OK, BOB.id),))

    def test_in_itself(self) -> None:
        """What lies with the build is said once, not for every builder."""
        build = evolve(BUILD, has_chroot=False)
        self.assertEqual(
            why_waiting(build, [build], [BOB, ANN]), (Because(Reason.NO_CHROOT),)
        )

    @given(builds(), farms())
    def test_law(self, waiting: list[WaitingBuild], farm: list[Candidate]) -> None:
        """There is an answer unless the build is the best for a free builder."""
        for build in waiting:
            is_next = any(best(waiting, one, farm) == build for one in farm)
            because = why_waiting(build, waiting, farm)
            self.assertEqual(because == (), is_next)
            said = {one.builder for one in because}
            everyone = said >= {builder.id for builder in farm}
            self.assertTrue(is_next or everyone or None in said)


class WhyIdleTests(SynchronousTestCase):
    """Why a builder is idle."""

    def test_busy_soon(self) -> None:
        """There is nothing to say of a builder that has a build to come."""
        self.assertEqual(why_idle(BOB, [BUILD], [BOB]), ())

    def test_in_itself(self) -> None:
        """What lies with the builder is all that is said."""
        manual = evolve(BOB, manual=True, clean=False)
        self.assertEqual(
            why_idle(manual, [BUILD], [manual]),
            (
                Because(Reason.BUILDER_MANUAL, BOB.id),
                Because(Reason.BUILDER_NOT_CLEAN, BOB.id),
            ),
        )

    def test_nothing_waits(self) -> None:
        """A builder may simply have nothing to do."""
        self.assertEqual(
            why_idle(BOB, [], [BOB]), (Because(Reason.NOTHING_WAITS, BOB.id),)
        )

    def test_build_by_build(self) -> None:
        """Each build has its reasons, the best one first."""
        arm = evolve(BUILD, id=2, queue=2, architecture="arm64", score=9999)
        gpu = evolve(BUILD, resources=frozenset({"gpu"}), has_chroot=False)
        self.assertEqual(
            why_idle(BOB, [gpu, arm], [BOB]),
            (
                Because(Reason.WRONG_ARCHITECTURE, BOB.id, arm.id),
                Because(Reason.NO_CHROOT, BOB.id, gpu.id),
                Because(Reason.MISSING_RESOURCE, BOB.id, gpu.id),
            ),
        )

    @given(builds(), farms())
    def test_law(self, waiting: list[WaitingBuild], farm: list[Candidate]) -> None:
        """There is an answer unless the builder has a build to come."""
        for builder in farm:
            chosen = best(waiting, builder, farm)
            because = why_idle(builder, waiting, farm)
            self.assertEqual(because == (), chosen is not None)
