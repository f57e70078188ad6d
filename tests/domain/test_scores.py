"""Which build goes first."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.scores import (
    COMPONENTS,
    POCKETS,
    PRIVATE,
    URGENCIES,
    Score,
    Subject,
    Term,
    Urgency,
    score,
    standing,
)
from buildd_manager.domain.scores import COPY as OF_COPIES


PRIMARY = Archive(id=1, name="ubuntu", purpose=Purpose.PRIMARY, distribution="ubuntu")
PPA = evolve(PRIMARY, id=2, name="ppa", purpose=Purpose.PPA)
COPY = evolve(PRIMARY, id=3, name="copy", purpose=Purpose.COPY)
HELLO = Subject(archive=PRIMARY, component="main")

archives = st.builds(
    Archive,
    id=st.just(1),
    name=st.just("x"),
    purpose=st.sampled_from(Purpose),
    distribution=st.just("x"),
    private=st.booleans(),
    relative_score=st.integers(-1000, 1000),
)
subjects = st.builds(
    Subject,
    archive=archives,
    pocket=st.sampled_from(Pocket),
    component=st.none() | st.sampled_from([*COMPONENTS, "contrib"]),
    section=st.sampled_from(["misc", "translations"]),
    urgency=st.sampled_from(Urgency),
    package_sets=st.lists(st.integers(-50, 50), max_size=3).map(tuple),
)


class ScoreTests(SynchronousTestCase):
    """Points for a build."""

    def test_examples(self) -> None:
        """Builds have the points that Launchpad gives them. Case 111."""
        rows = [
            (HELLO, 2505),
            (evolve(HELLO, archive=COPY), -95),
            (evolve(HELLO, component="universe", urgency=Urgency.HIGH), 1765),
            (evolve(HELLO, component="multiverse", urgency=Urgency.MEDIUM), 1510),
            (evolve(HELLO, urgency=Urgency.EMERGENCY), 2520),
            (evolve(HELLO, component="restricted"), 2255),
            (evolve(HELLO, component="partner", pocket=Pocket.BACKPORTS), 1255),
            (evolve(HELLO, pocket=Pocket.PROPOSED), 4005),
            (evolve(HELLO, pocket=Pocket.UPDATES), 4005),
            (evolve(HELLO, pocket=Pocket.SECURITY), 5505),
        ]
        for subject, total in rows:
            self.assertEqual(score(subject).total, total)

    def test_archive(self) -> None:
        """An archive adds its own points, and being private adds many. Case 111."""
        private = evolve(PPA, private=True, relative_score=-30)
        terms = score(evolve(HELLO, archive=private)).terms[:2]
        self.assertEqual(
            terms,
            (
                Term("private", PRIVATE, "its archive is private"),
                Term("archive", -30, "its archive is ppa"),
            ),
        )

    def test_translations(self) -> None:
        """Translations have the points of their archive, and no others. Case 111."""
        for section in ("translations", "universe/translations"):
            subject = evolve(HELLO, section=section, urgency=Urgency.EMERGENCY)
            self.assertEqual(score(subject).total, 0)
            self.assertEqual(score(evolve(subject, archive=COPY)).total, -2600)

    def test_package_sets(self) -> None:
        """The best set of packages counts, but not in a PPA. Case 111."""
        subject = evolve(HELLO, package_sets=(30, 80, -5))
        self.assertEqual(score(subject).total, 2585)
        self.assertEqual(score(evolve(subject, archive=PPA)).total, 2505)
        self.assertEqual(score(evolve(HELLO, package_sets=(-5,))).total, 2500)

    def test_nowhere(self) -> None:
        """A source in no component, or in a strange one, is scored all the same."""
        for component in (None, "contrib"):
            subject = evolve(HELLO, component=component)
            self.assertEqual(score(subject).total, 1505)

    def test_by_hand(self) -> None:
        """What people say stands, whatever the points are by now. Case 71."""
        computed = score(HELLO)
        self.assertEqual(standing(computed, None), 2505)
        self.assertEqual(standing(computed, 0), 0)
        self.assertEqual(standing(Score(()), 7), 7)

    @given(subjects)
    def test_explained(self, subject: Subject) -> None:
        """Every point is explained, once."""
        made = score(subject)
        self.assertEqual(made.total, sum(term.points for term in made.terms))
        self.assertEqual(len({term.id for term in made.terms}), len(made.terms))
        self.assertTrue(all(term.words for term in made.terms))

    @given(subjects)
    def test_bounded(self, subject: Subject) -> None:
        """But for what people say of archives and of sets, scores have bounds."""
        said = [subject.archive.relative_score, max(subject.package_sets, default=0)]
        lowest = OF_COPIES + sum(min(0, points) for points in said)
        highest = PRIVATE + sum(max(0, points) for points in said)
        for points in (URGENCIES, POCKETS, COMPONENTS):
            lowest += min(0, *points.values())
            highest += max(points.values())
        self.assertLessEqual(lowest, score(subject).total)
        self.assertLessEqual(score(subject).total, highest)

    @given(subjects, st.integers(-1000, 1000))
    def test_archive_points(self, subject: Subject, more: int) -> None:
        """What people add to the score of an archive is what each build gets."""
        archive = subject.archive
        raised = evolve(archive, relative_score=archive.relative_score + more)
        total = score(evolve(subject, archive=raised)).total
        self.assertEqual(total, score(subject).total + more)

    @given(subjects, st.sampled_from(Pocket), st.sampled_from([*COMPONENTS]))
    def test_monotone(self, subject: Subject, pocket: Pocket, component: str) -> None:
        """In a pocket or a component that counts for more, nothing goes later."""
        before = score(subject).total
        if POCKETS[pocket] >= POCKETS[subject.pocket]:
            other = score(evolve(subject, pocket=pocket)).total
            self.assertGreaterEqual(other, before)
        if COMPONENTS[component] >= COMPONENTS.get(subject.component or "", 0):
            other = score(evolve(subject, component=component)).total
            self.assertGreaterEqual(other, before)

    @given(subjects, st.sampled_from(Urgency))
    def test_urgency(self, subject: Subject, urgency: Urgency) -> None:
        """What is more urgent never goes later."""
        order = list(Urgency)
        other = score(evolve(subject, urgency=urgency)).total
        if order.index(urgency) >= order.index(subject.urgency):
            self.assertGreaterEqual(other, score(subject).total)
