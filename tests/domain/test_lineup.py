"""The queue in order."""

from typing import Any

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.estimates import SOONEST, Forecast
from buildd_manager.domain.lineup import Place, lineup
from buildd_manager.domain.matching import Candidate, WaitingBuild
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.reasons import Reason


BUILD = WaitingBuild(id=1, queue=1, architecture="amd64", score=10)
BOB = Candidate(id=1, name="bob", architectures=frozenset({"amd64"}))


def build(number: int, **details: Any) -> WaitingBuild:
    """Make a build of this number."""
    return evolve(BUILD, id=number, queue=number, **details)


class LineupTests(SynchronousTestCase):
    """Positions, forecasts and reasons."""

    def line(
        self, *builds: WaitingBuild, architecture: str | None = None, limit: int = 9
    ) -> tuple[Place, ...]:
        """Put builds in order, for one builder."""
        outlook = Outlook(
            builds=builds,
            builders=(BOB,),
            estimates={one.id: 60.0 for one in builds},
            running={},
        )
        return lineup(outlook, architecture, limit)

    def test_order(self) -> None:
        """The highest score is first, then what waits longest. Case 64."""
        places = self.line(build(1), build(2, score=11), build(3))
        self.assertEqual([place.build.id for place in places], [2, 1, 3])
        self.assertEqual([place.position for place in places], [1, 2, 3])

    def test_expected(self) -> None:
        """What is built next is expected soon, what comes then after that."""
        first, second = self.line(build(1), build(2))
        self.assertEqual(first.forecast, Forecast(SOONEST, SOONEST + 60))
        self.assertEqual(second.forecast, Forecast(SOONEST + 60, SOONEST + 120))
        self.assertEqual((first.estimate, first.reasons), (60.0, ()))

    def test_positions(self) -> None:
        """Positions are those among builds for the same architecture."""
        builds = (build(1), build(2, architecture="arm64"), build(3))
        places = self.line(*builds)
        self.assertEqual([place.position for place in places], [1, 1, 2])
        (arm,) = self.line(*builds, architecture="arm64")
        self.assertEqual((arm.build.id, arm.position), (2, 1))

    def test_limit(self) -> None:
        """No more are told than were asked for. Case 64."""
        places = self.line(build(1), build(2), build(3), limit=2)
        self.assertEqual([place.build.id for place in places], [1, 2])

    def test_not_now(self) -> None:
        """What is not built as things are says why, and has no forecast."""
        for details, reasons in (
            ({"archive_enabled": False}, (Reason.ARCHIVE_DISABLED,)),
            ({"architecture": "arm64"}, (Reason.NO_BUILDER_SUITS,)),
            (
                {"has_chroot": False, "resources": frozenset({"gpu"})},
                (Reason.NO_CHROOT, Reason.NO_BUILDER_SUITS),
            ),
        ):
            (place,) = self.line(build(1, **details))
            self.assertIsNone(place.forecast)
            self.assertEqual(place.reasons, reasons)
