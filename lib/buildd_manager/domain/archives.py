"""Where packages are published, and from where builds get what they need."""

from collections.abc import Iterable
from enum import Enum

from attrs import frozen

from buildd_manager.domain.archive_checks import (
    check_archive_url,
    check_external_line,
    check_key,
)
from buildd_manager.domain.checks import check_identifier
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret, check_secret


#: Points that an archive may add to the score of its builds, or take away.
MOST_POINTS = 1_000_000

#: The external lines of an archive, and other archives that it depends on.
MOST_LINES = 100


class Purpose(Enum):
    """What an archive is for; the value is the word that the database knows."""

    PRIMARY = "primary"
    PPA = "ppa"
    PARTNER = "partner"
    COPY = "copy"


@frozen
class Dependency:
    """
    Another archive that the builds of one may use packages of.

    :ivar archive: Its name.
    :ivar component: ``None`` for what the primary archive has the source in.
    """

    archive: str
    pocket: Pocket = Pocket.RELEASE
    component: str | None = None


@frozen(kw_only=True)
class Archive:
    """
    An archive of packages.

    :ivar url: Its address for apt; without one, workers are not told of it.
    :ivar private: Whether its packages, and logs of its builds, are for few people.
    :ivar enabled: Whether its builds are given to builders.
    :ivar require_virtualized: Whether they are for virtual builders only.
    :ivar build_security: Whether what is for the security pocket is built, too: a
        farm shows what it builds, and such things are often under embargo.
    :ivar build_obsolete: Whether it is built for series that are obsolete.
    :ivar relative_score: Points for each of its builds.
    :ivar external_lines: More lines for ``sources.list``; in them
        :data:`~buildd_manager.domain.archive_checks.SERIES` may stand.
    :ivar secret: What ``buildd`` says to be let in, if it is private.
    :ivar signing_key: What it is signed with, in base64.
    """

    id: int
    name: str
    purpose: Purpose
    distribution: str
    url: str | None = None
    private: bool = False
    enabled: bool = True
    require_virtualized: bool = False
    build_security: bool = False
    build_obsolete: bool = False
    relative_score: int = 0
    build_debug_symbols: bool = False
    external_lines: tuple[str, ...] = ()
    secret: Secret | None = None
    signing_key: str | None = None
    dependencies: tuple[Dependency, ...] = ()

    def needs_virtual(self, *, supports_nonvirtualized: bool) -> bool:
        """
        Tell whether a build for it is for virtual builders, and only for them.

        :param supports_nonvirtualized: Whether other builders may build for the
            architecture at all.
        """
        return self.require_virtualized or not supports_nonvirtualized


@frozen(kw_only=True)
class NewArchive:
    """An archive to be added; see :class:`Archive`."""

    name: str
    purpose: Purpose = Purpose.PPA
    distribution: str = "debian"
    url: str | None = None
    private: bool = False
    require_virtualized: bool = False
    build_security: bool = False
    build_obsolete: bool = False
    relative_score: int = 0
    build_debug_symbols: bool = False
    external_lines: tuple[str, ...] = ()
    secret: Secret | None = None
    signing_key: str | None = None
    dependencies: tuple[Dependency, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        check_identifier(self.name, "archive")
        check_identifier(self.distribution, "distribution")
        if self.private and self.secret is None:
            raise InvalidError("secret", "a private archive needs one", "give one")
        if self.secret is not None and not self.private:
            raise InvalidError(
                "secret", "a public archive needs none", "make it private, too"
            )
        _check_details(self)
        check_dependencies(self.dependencies, self.name)


@frozen(kw_only=True)
class ArchiveChange:
    """What is to become of an archive; ``None`` leaves it as it is."""

    url: str | None = None
    enabled: bool | None = None
    require_virtualized: bool | None = None
    build_security: bool | None = None
    build_obsolete: bool | None = None
    relative_score: int | None = None
    build_debug_symbols: bool | None = None
    external_lines: tuple[str, ...] | None = None
    secret: Secret | None = None
    signing_key: str | None = None

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        _check_details(self)


def _check_details(archive: NewArchive | ArchiveChange) -> None:
    if archive.url is not None:
        check_archive_url(archive.url, "url")
    if archive.secret is not None:
        check_secret(archive.secret.reveal(), "secret")
    if archive.signing_key is not None:
        check_key(archive.signing_key, "signing-key")
    if abs(archive.relative_score or 0) > MOST_POINTS:
        raise InvalidError(
            "score",
            f"{archive.relative_score} is out of bounds",
            f"use -{MOST_POINTS} to {MOST_POINTS}",
        )
    _check_number(archive.external_lines or (), "external-line")
    for line in archive.external_lines or ():
        check_external_line(line, "external-line")


def check_dependencies(dependencies: tuple[Dependency, ...], name: str) -> None:
    """
    Accept what an archive depends on.

    :param name: The archive's own.
    :raises InvalidError: If a name is none, or is there twice, or is its own.
    """
    _check_number(dependencies, "depends-on")
    known = {name}
    for one in dependencies:
        if check_identifier(one.archive, "depends-on") in known:
            raise InvalidError(
                "depends-on",
                f"{one.archive} is there twice, or depends on itself",
                "name each other archive once",
            )
        known.add(one.archive)
        if one.component is not None:
            check_identifier(one.component, "component")


def _check_number(values: Iterable[object], field: str) -> None:
    number = len(tuple(values))
    if number > MOST_LINES:
        raise InvalidError(field, f"there are {number}", f"give {MOST_LINES} at most")
