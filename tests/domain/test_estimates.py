"""How long a build takes, and when it starts."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.estimates import (
    DEFAULT,
    OVERDUE,
    SOONEST,
    Forecast,
    duration,
    forecast,
    remaining,
)
from buildd_manager.domain.matching import (
    Candidate,
    WaitingBuild,
    build_obstacles,
    pair_obstacles,
)
from buildd_manager.domain.outlook import Outlook, Running
from tests.domain.test_matching import ANN, BOB, BUILD, builds, farms


def outlook(
    waiting: list[WaitingBuild],
    farm: list[Candidate],
    running: dict[int, Running] | None = None,
    **estimates: float,
) -> Outlook:
    """Make an outlook; estimates are named ``b1``, ``b2``, ..."""
    return Outlook(
        builds=tuple(waiting),
        builders=tuple(farm),
        estimates={int(name[1:]): value for name, value in estimates.items()},
        running=running or {},
    )


def queue(number: int) -> list[WaitingBuild]:
    """Make builds that wait one behind the other."""
    return [evolve(BUILD, id=one, queue=one) for one in range(1, number + 1)]


class DurationTests(SynchronousTestCase):
    """How long a build takes."""

    def test_history(self) -> None:
        """It takes as long as the last time. Case 112."""
        self.assertEqual(duration(335.0, 10**9), 335.0)

    def test_unknown(self) -> None:
        """Of what nothing is known takes five minutes. Case 112."""
        self.assertEqual(duration(None, 0), 300.0)

    def test_size(self) -> None:
        """What is new takes a minute, and one more for each 360 KiB."""
        rows = [(1, 60.0), (360 * 1024 - 1, 60.0), (360 * 1024, 120.0)]
        for size, expected in rows:
            self.assertEqual(duration(None, size), expected)

    def test_remaining(self) -> None:
        """What has taken too long takes two minutes more."""
        self.assertEqual(remaining(Running(1, 100.0, 300.0)), 200.0)
        self.assertEqual(remaining(Running(1, 300.0, 300.0)), OVERDUE)
        self.assertEqual(remaining(Running(1, 900.0, 300.0)), OVERDUE)


class ForecastTests(SynchronousTestCase):
    """When a build starts."""

    def starts(self, seen: Outlook) -> list[float | None]:
        """List the starts, in the order of the builds' numbers."""
        found = forecast(seen)
        return [
            None if (one := found[number]) is None else one.start
            for number in sorted(found)
        ]

    def test_free(self) -> None:
        """With a free builder it starts at once."""
        seen = outlook([BUILD], [BOB], b1=100.0)
        self.assertEqual(forecast(seen), {1: Forecast(SOONEST, SOONEST + 100)})

    def test_queue(self) -> None:
        """One builder builds one after the other, the best first."""
        waiting = [BUILD, evolve(BUILD, id=2, queue=2, score=9999)]
        seen = outlook(waiting, [BOB], b2=100.0)
        self.assertEqual(self.starts(seen), [SOONEST + 100, SOONEST])
        self.assertEqual(forecast(seen)[1], Forecast(105.0, 105.0 + DEFAULT))

    def test_busy(self) -> None:
        """What runs is waited for."""
        busy = evolve(BOB, busy=True)
        rows = [
            ({}, OVERDUE),
            ({1: Running(7, 100.0, 300.0)}, 200.0),
            ({1: Running(7, 500.0, 300.0)}, OVERDUE),
            ({1: Running(7, 299.0, 300.0)}, SOONEST),
        ]
        for running, expected in rows:
            self.assertEqual(self.starts(outlook([BUILD], [busy], running)), [expected])

    def test_nobody(self) -> None:
        """Where no builder suits, nothing is foretold."""
        for builder in (
            evolve(BOB, ok=False),
            evolve(BOB, manual=True),
            evolve(BOB, virtualized=True),
        ):
            self.assertEqual(self.starts(outlook([BUILD], [builder])), [None])

    def test_not_now(self) -> None:
        """What is not to be built keeps nothing else waiting."""
        first = evolve(BUILD, archive_enabled=False)
        seen = outlook([first, evolve(BUILD, id=2, queue=2)], [BOB])
        self.assertEqual(self.starts(seen), [None, SOONEST])

    def test_several_architectures(self) -> None:
        """A builder of two architectures builds for one of them at a time."""
        both = evolve(BOB, architectures=frozenset({"amd64", "arm64"}))
        arm = evolve(BUILD, id=2, queue=2, architecture="arm64")
        seen = outlook([BUILD, arm], [both], b1=100.0, b2=100.0)
        self.assertEqual(self.starts(seen), [SOONEST, SOONEST + 100])
        helped = outlook([BUILD, arm], [both, ANN], b1=100.0, b2=100.0)
        self.assertEqual(self.starts(helped), [SOONEST, SOONEST + 100])

    def test_failed_here(self) -> None:
        """A build that failed on a builder waits for another."""
        failed = evolve(BUILD, failed_on=frozenset({BOB.id}))
        busy = evolve(ANN, busy=True)
        seen = outlook([failed], [BOB, busy], {ANN.id: Running(7, 0.0, 50.0)})
        self.assertEqual(self.starts(seen), [50.0])

    @given(st.integers(1, 12), st.integers(1, 4))
    def test_formula(self, number: int, builders: int) -> None:
        """Equal builds are shared among equal builders."""
        farm = [evolve(BOB, id=one) for one in range(builders)]
        self.assertEqual(
            self.starts(outlook(queue(number), farm)),
            [SOONEST + (one // builders) * DEFAULT for one in range(number)],
        )

    @given(builds(), farms(), st.data())
    def test_law(
        self, waiting: list[WaitingBuild], farm: list[Candidate], data: st.DataObject
    ) -> None:
        """All that a builder in use suits is foretold, whatever the order."""
        found = forecast(outlook(waiting, farm))
        for build in waiting:
            possible = not build_obstacles(build) and any(
                builder.in_use and not pair_obstacles(build, builder, farm)
                for builder in farm
            )
            self.assertEqual(found[build.id] is not None, possible)
        mixed = outlook(
            data.draw(st.permutations(waiting)), data.draw(st.permutations(farm))
        )
        self.assertEqual(forecast(mixed), found)

    @given(builds(), farms())
    def test_fair(self, waiting: list[WaitingBuild], farm: list[Candidate]) -> None:
        """Of two builds that suit the same builders, the better one starts first."""
        found = forecast(outlook(waiting, farm))
        for one in waiting:
            for other in waiting:
                alike = evolve(one, id=other.id, queue=other.queue, score=other.score)
                first, second = found[one.id], found[other.id]
                if alike == other and one.rank < other.rank and first and second:
                    self.assertLessEqual(first.start, second.start)
