"""Which waiting build suits which builder."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.matching import (
    Candidate,
    WaitingBuild,
    best,
    obstacles,
    split,
    suits,
)
from buildd_manager.domain.reasons import Reason
from buildd_manager.domain.why import why_idle, why_waiting


BUILD = WaitingBuild(id=1, queue=1, architecture="amd64", score=2505)
BOB = Candidate(id=1, name="bob", architectures=frozenset({"amd64"}))
ANN = evolve(BOB, id=2, name="ann")

_tags = st.frozensets(st.sampled_from(["gpu", "large"]))
_mostly = st.sampled_from([True, True, True, False])


def builds() -> st.SearchStrategy[list[WaitingBuild]]:
    """Make queues: most of what is in them could be built somewhere."""
    build = st.builds(
        WaitingBuild,
        id=st.integers(1, 9),
        queue=st.integers(1, 9),
        architecture=st.sampled_from(["amd64", "arm64"]),
        score=st.integers(0, 2),
        virtualized=st.booleans(),
        resources=_tags,
        waiting=_mostly,
        archive_enabled=_mostly,
        source_published=_mostly,
        pocket_open=_mostly,
        embargoed=_mostly.map(lambda yes: not yes),
        series_ok=_mostly,
        has_chroot=_mostly,
        canary=st.booleans(),
        failed_on=st.frozensets(st.integers(1, 4), max_size=2),
    )
    return st.lists(build, max_size=6, unique_by=lambda build: build.id)


def farms() -> st.SearchStrategy[list[Candidate]]:
    """Make farms of builders, many of them free."""
    builder = st.builds(
        Candidate,
        id=st.integers(1, 4),
        name=st.just("bob"),
        architectures=st.frozensets(st.sampled_from(["amd64", "arm64"])),
        virtualized=st.booleans(),
        open_resources=_tags,
        restricted_resources=_tags,
        ok=_mostly,
        manual=_mostly.map(lambda yes: not yes),
        busy=_mostly.map(lambda yes: not yes),
        clean=_mostly,
        on_trial=_mostly.map(lambda yes: not yes),
    )
    return st.lists(builder, min_size=1, max_size=4, unique_by=lambda one: one.id)


class ReasonTests(SynchronousTestCase):
    """The names of reasons."""

    def test_words(self) -> None:
        """Each reason has words of its own, and a name in kebab-case."""
        self.assertEqual(len({reason.words for reason in Reason}), len(Reason))
        for reason in Reason:
            self.assertRegex(str(reason), r"\A[a-z]+(-[a-z]+)*\Z")


class ObstacleTests(SynchronousTestCase):
    """What keeps a build from a builder."""

    def between(
        self, build: WaitingBuild, builder: Candidate, *others: Candidate
    ) -> list[str]:
        """Name the obstacles."""
        return [str(one) for one in obstacles(build, builder, (builder, *others))]

    def test_none(self) -> None:
        """A free builder gets a build of its kind."""
        self.assertEqual(self.between(BUILD, BOB), [])
        self.assertTrue(suits(BUILD, BOB))

    def test_kind(self) -> None:
        """Architecture and virtualization are the builder's. Cases 61, 62, 91."""
        arm = evolve(BUILD, architecture="arm64")
        self.assertEqual(self.between(arm, BOB), ["wrong-architecture"])
        virtual = evolve(BUILD, virtualized=True)
        self.assertEqual(self.between(virtual, BOB), ["virtualized-mismatch"])
        other = evolve(BOB, virtualized=True)
        self.assertEqual(self.between(BUILD, other), ["virtualized-mismatch"])

    def test_resources(self) -> None:
        """What is asked for must be there; all that is restricted must be asked for."""
        gpu, large = frozenset({"gpu"}), frozenset({"large"})
        rows: list[tuple[frozenset[str], Candidate, list[str]]] = [
            (gpu, evolve(BOB, open_resources=gpu), []),
            (frozenset(), evolve(BOB, open_resources=gpu), []),
            (gpu, BOB, ["missing-resource"]),
            (gpu, evolve(BOB, restricted_resources=gpu), []),
            (
                frozenset(),
                evolve(BOB, restricted_resources=gpu),
                ["restricted-resource"],
            ),
            (
                gpu,
                evolve(BOB, restricted_resources=gpu | large),
                ["restricted-resource"],
            ),
            (
                gpu | large,
                evolve(BOB, restricted_resources=gpu, open_resources=large),
                [],
            ),
            (
                large,
                evolve(BOB, restricted_resources=gpu),
                ["missing-resource", "restricted-resource"],
            ),
        ]
        for asked, builder, expected in rows:
            build = evolve(BUILD, resources=asked)
            self.assertEqual(self.between(build, builder), expected)

    def test_build(self) -> None:
        """What is not to be built at all is built nowhere. Cases 66, 68, 70, 91."""
        rows: list[tuple[WaitingBuild, str]] = [
            (evolve(BUILD, waiting=False), "not-waiting"),
            (evolve(BUILD, archive_enabled=False), "archive-disabled"),
            (evolve(BUILD, source_published=False), "source-superseded"),
            (evolve(BUILD, pocket_open=False), "pocket-closed"),
            (evolve(BUILD, embargoed=True), "embargoed"),
            (evolve(BUILD, series_ok=False), "series-obsolete"),
            (evolve(BUILD, has_chroot=False), "no-chroot"),
        ]
        for build, expected in rows:
            self.assertEqual(self.between(build, BOB), [expected])

    def test_builder(self) -> None:
        """Who is not free gets nothing. Case 5."""
        rows: list[tuple[Candidate, str]] = [
            (evolve(BOB, ok=False), "builder-not-ok"),
            (evolve(BOB, manual=True), "builder-manual"),
            (evolve(BOB, busy=True), "builder-busy"),
            (evolve(BOB, clean=False), "builder-not-clean"),
            (evolve(BOB, on_trial=True), "builder-on-trial"),
        ]
        for builder, expected in rows:
            self.assertEqual(self.between(BUILD, builder), [expected])

    def test_canary(self) -> None:
        """A builder on trial gets a build that is known to be good."""
        canary = evolve(BUILD, canary=True)
        self.assertEqual(self.between(canary, evolve(BOB, on_trial=True)), [])
        self.assertEqual(
            self.between(canary, evolve(BOB, on_trial=True, ok=False)),
            ["builder-not-ok"],
        )

    def test_failed_here(self) -> None:
        """A build that failed here goes elsewhere, if there is another place."""
        build = evolve(BUILD, failed_on=frozenset({BOB.id}))
        self.assertEqual(self.between(build, BOB), [])
        self.assertEqual(self.between(build, BOB, ANN), ["failed-here-before"])
        self.assertEqual(self.between(build, ANN, BOB), [])
        busy = evolve(ANN, busy=True, clean=False)
        self.assertEqual(self.between(build, BOB, busy), ["failed-here-before"])
        for no_place in (
            evolve(ANN, ok=False),
            evolve(ANN, manual=True),
            evolve(ANN, architectures=frozenset({"arm64"})),
        ):
            self.assertEqual(self.between(build, BOB, no_place), [])
        everywhere = evolve(build, failed_on=frozenset({BOB.id, ANN.id}))
        self.assertEqual(self.between(everywhere, BOB, ANN), [])


class BestTests(SynchronousTestCase):
    """What a builder gets."""

    def test_score(self) -> None:
        """The highest score goes first, whatever its place in the queue. Case 61."""
        better = evolve(BUILD, id=2, queue=2, score=2506)
        self.assertEqual(best([BUILD, better], BOB, [BOB]), better)

    def test_tie(self) -> None:
        """Of equals, the one that has been queued longest goes first. Case 64."""
        later = evolve(BUILD, id=2, queue=2)
        self.assertEqual(best([later, BUILD], BOB, [BOB]), BUILD)

    def test_unsuitable(self) -> None:
        """A better build that does not suit keeps nobody waiting."""
        better = evolve(BUILD, id=2, queue=2, score=9999, has_chroot=False)
        self.assertEqual(best([better, BUILD], BOB, [BOB]), BUILD)
        self.assertIsNone(best([better], BOB, [BOB]))
        self.assertIsNone(best([], BOB, [BOB]))

    def test_overlapping_resources(self) -> None:
        """Builders whose tags overlap share a queue without harm."""
        large = frozenset({"large"})
        kept = evolve(BOB, restricted_resources=large)
        both = evolve(ANN, open_resources=large)
        asking = evolve(BUILD, id=2, queue=2, resources=large)
        farm = [kept, both]
        self.assertEqual(best([BUILD, asking], kept, farm), asking)
        self.assertEqual(best([BUILD, asking], both, farm), BUILD)

    @given(builds(), farms())
    def test_law(self, waiting: list[WaitingBuild], farm: list[Candidate]) -> None:
        """The best has no obstacles, and nothing that has none is better."""
        for builder in farm:
            chosen = best(waiting, builder, farm)
            free = [one for one in waiting if not obstacles(one, builder, farm)]
            if chosen is None:
                self.assertEqual(free, [])
            else:
                self.assertIn(chosen, free)
                self.assertEqual(min(one.rank for one in free), chosen.rank)

    @given(builds(), farms(), st.data())
    def test_any_order(
        self, waiting: list[WaitingBuild], farm: list[Candidate], data: st.DataObject
    ) -> None:
        """The order in which builds and builders are listed makes no difference."""
        others = data.draw(st.permutations(waiting))
        mixed = data.draw(st.permutations(farm))
        for builder in farm:
            chosen = best(waiting, builder, farm)
            self.assertEqual(best(others, builder, mixed), chosen)
            because = why_idle(builder, waiting, farm)
            self.assertEqual(why_idle(builder, others, mixed), because)
        for build in waiting:
            why = why_waiting(build, waiting, farm)
            self.assertEqual(why_waiting(build, others, mixed), why)

    @given(builds(), farms(), _tags)
    def test_more_to_offer(
        self, waiting: list[WaitingBuild], farm: list[Candidate], tags: frozenset[str]
    ) -> None:
        """A builder that has more to offer gets all that it got before."""
        for builder in farm:
            richer = evolve(builder, open_resources=builder.open_resources | tags)
            others = [richer if one is builder else one for one in farm]
            for build in waiting:
                if suits(build, builder, farm):
                    self.assertTrue(suits(build, richer, others))

    @given(builds(), farms(), st.integers(1, 9))
    def test_raised(
        self, waiting: list[WaitingBuild], farm: list[Candidate], more: int
    ) -> None:
        """What is the best stays so if its score is raised, and others' are not."""
        for builder in farm:
            chosen = best(waiting, builder, farm)
            if chosen is not None:
                raised = evolve(chosen, score=chosen.score + more)
                builds = [raised if one is chosen else one for one in waiting]
                self.assertIs(best(builds, builder, farm), raised)

    @given(builds(), farms())
    def test_nobody_starves(
        self, waiting: list[WaitingBuild], farm: list[Candidate]
    ) -> None:
        """What could be built anywhere but for its failures is built somewhere."""
        free = [evolve(b, ok=True, manual=False, busy=False, clean=True) for b in farm]
        free = [evolve(builder, on_trial=False) for builder in free]
        for build in waiting:
            innocent = evolve(build, failed_on=frozenset())
            anywhere = any(suits(innocent, builder, free) for builder in free)
            somewhere = any(suits(build, builder, free) for builder in free)
            self.assertEqual(somewhere, anywhere)


class SplitTests(SynchronousTestCase):
    """What waits, for each architecture."""

    def test_sorted(self) -> None:
        """The best goes first, in each part, and the parts are by name."""
        worse = evolve(BUILD, id=2, queue=2, score=1)
        arm = evolve(BUILD, id=3, queue=3, architecture="arm64")
        parts = split([arm, worse, BUILD])
        self.assertEqual(
            list(parts.items()), [("amd64", (BUILD, worse)), ("arm64", (arm,))]
        )

    def test_left_out(self) -> None:
        """What could not be built now is left out, and with it its architecture."""
        self.assertEqual(split([evolve(BUILD, has_chroot=False)]), {})
