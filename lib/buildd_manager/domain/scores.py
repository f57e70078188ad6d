"""Which build goes first: points, and what they are given for."""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType

from attrs import frozen

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.pockets import Pocket


class Urgency(Enum):
    """How urgent a source says that it is; the value is the database's word."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    EMERGENCY = "emergency"


@frozen
class Term:
    """
    Some points of a score.

    :ivar id: What they are given for, for programs.
    :ivar words: The same for people.
    """

    id: str
    points: int
    words: str


@frozen
class Score:
    """A score, with an explanation."""

    terms: tuple[Term, ...]

    @property
    def total(self) -> int:
        """All points together; the build with the most goes first."""
        return sum(term.points for term in self.terms)


#: Launchpad's, so that what people know of its queue is true of ours.
PRIVATE = 10_000
COPY = -2_600
URGENCIES: Mapping[Urgency, int] = MappingProxyType(
    {
        Urgency.LOW: 5,
        Urgency.MEDIUM: 10,
        Urgency.HIGH: 15,
        Urgency.EMERGENCY: 20,
    }
)
POCKETS: Mapping[Pocket, int] = MappingProxyType(
    {
        Pocket.BACKPORTS: 0,
        Pocket.RELEASE: 1_500,
        Pocket.PROPOSED: 3_000,
        Pocket.UPDATES: 3_000,
        Pocket.SECURITY: 4_500,
    }
)
#: In another component, or in none, a source has no points for that.
COMPONENTS: Mapping[str, int] = MappingProxyType(
    {
        "multiverse": 0,
        "universe": 250,
        "restricted": 750,
        "main": 1_000,
        "partner": 1_250,
    }
)

#: The section of sources that wait for all others.
TRANSLATIONS = "translations"


@frozen(kw_only=True)
class Subject:
    """
    What is scored.

    :ivar archive: For which it is to be built.
    :ivar component: In which its source is published, if it is.
    :ivar package_sets: Points of each set of packages in its series that has it.
    """

    archive: Archive
    pocket: Pocket = Pocket.RELEASE
    component: str | None = None
    section: str = "misc"
    urgency: Urgency = Urgency.LOW
    package_sets: tuple[int, ...] = ()


def score(subject: Subject) -> Score:
    """Score a build that waits; every score is explained to the point."""
    of_archive = _of_archive(subject.archive)
    if subject.section.rpartition("/")[2] == TRANSLATIONS:
        words = "translations wait for everything else"
        return Score((*of_archive, Term("translations", 0, words)))
    return Score((*of_archive, *_of_source(subject)))


def standing(computed: Score, by_hand: int | None) -> int:
    """Give the score that counts: what people say stands until they say otherwise."""
    return computed.total if by_hand is None else by_hand


def _of_archive(archive: Archive) -> Iterator[Term]:
    if archive.private:
        yield Term("private", PRIVATE, "its archive is private")
    if archive.purpose is Purpose.COPY:
        yield Term("copy", COPY, "its archive is a copy of another")
    if archive.relative_score:
        yield Term("archive", archive.relative_score, f"its archive is {archive.name}")


def _of_source(subject: Subject) -> Iterator[Term]:
    urgency, pocket = subject.urgency, subject.pocket
    yield Term("urgency", URGENCIES[urgency], f"its urgency is {urgency.value}")
    yield Term("pocket", POCKETS[pocket], f"it is for {pocket.value}")
    component = subject.component
    words = "it is published in no component"
    if component is not None:
        words = f"it is in {component}"
    yield Term("component", COMPONENTS.get(component or "", 0), words)
    if subject.package_sets and subject.archive.purpose is not Purpose.PPA:
        points = max(subject.package_sets)
        yield Term("package-set", points, "it is in a set of packages")
