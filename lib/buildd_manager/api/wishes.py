"""What somebody wants to be done with a source, made precise."""

from collections.abc import Sequence

from attrs import frozen

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.checks import check_identifier, check_tags
from buildd_manager.domain.creation import Place
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.domain.scores import Subject, Urgency, score, standing
from buildd_manager.domain.sources import Source
from buildd_manager.ports import ICatalogue


@frozen(kw_only=True)
class Wish:
    """
    What somebody wants to be done with a source.

    :ivar archive: The primary one, unless another is named.
    :ivar component: The series' own, unless another is named.
    :ivar resources: Tags that its builders must have.
    :ivar score: Instead of ours.
    """

    series: str
    archive: str | None = None
    pocket: Pocket = Pocket.RELEASE
    component: str | None = None
    urgency: Urgency = Urgency.LOW
    resources: tuple[str, ...] = ()
    score: int | None = None

    def __attrs_post_init__(self) -> None:
        """Check every name."""
        check_identifier(self.series, "series")
        check_tags(self.resources, "resource")
        for field, name in (("archive", self.archive), ("component", self.component)):
            if name is not None:
                check_identifier(name, field)


async def place_of(wish: Wish, catalogue: ICatalogue) -> Place:
    """
    Find where a source is to be published.

    :raises NotFoundError: If there is no such series or archive.
    :raises InvalidError: If nothing can be built there.
    """
    series = await catalogue.find_series(wish.series)
    if wish.archive is not None:
        archive = await catalogue.find_archive(wish.archive)
    else:
        archive = await _primary(series.distribution, catalogue)
    return Place(
        archive=archive,
        series=series,
        pocket=wish.pocket,
        component=wish.component or series.component,
    )


async def _primary(distribution: str, catalogue: ICatalogue) -> Archive:
    (primary,) = (
        one
        for one in await catalogue.archives()
        if one.purpose is Purpose.PRIMARY and one.distribution == distribution
    )
    return primary


def submission_of(
    source: Source,
    place: Place,
    wish: Wish,
    builds: Sequence[NewBuild],
    files: Sequence[StoredFile],
) -> Submission:
    """Say what is to be built, and how soon."""
    subject = Subject(
        archive=place.archive,
        pocket=place.pocket,
        component=place.component,
        section=source.section,
        urgency=wish.urgency,
    )
    return Submission(
        source=source,
        archive=place.archive.name,
        series=place.series.name,
        pocket=place.pocket,
        component=place.component,
        section=source.section,
        urgency=wish.urgency,
        builds=tuple(builds),
        files=tuple(files),
        score=standing(score(subject), wish.score),
        manual_score=wish.score is not None,
        resources=wish.resources,
    )
