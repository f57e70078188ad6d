"""From where apt on a worker gets what a build needs."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Self, TypeAlias
from urllib.parse import quote, unquote

from attrs import Factory, frozen

from buildd_manager.domain.archive_checks import SERIES
from buildd_manager.domain.archives import Archive, Dependency, Purpose
from buildd_manager.domain.components import PARTNER, everything, visible
from buildd_manager.domain.pockets import Pocket, expansion
from buildd_manager.domain.secrets import REDACTED, Secret


#: Who is let into a private archive, with its secret.
USER = "buildd"

_WITH_PASSWORD = re.compile(
    r"(?P<ahead>.*?://(?:[^ :@]*:)?)(?P<secret>\S+)(?P<rest>@.*)"
)


@frozen
class Line:
    """
    One ``deb`` line, which shows its secret, if it has one, to the worker only.

    :ivar ahead: What stands before the secret.
    :ivar secret: As it stands there, percent-encoded.
    :ivar behind: What stands behind it.
    """

    ahead: str
    secret: Secret | None = None
    behind: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Find the secret in a line, if there is one."""
        if (match := _WITH_PASSWORD.fullmatch(text)) is None:
            return cls(text)
        return cls(match["ahead"], Secret(match["secret"]), match["rest"])

    @classmethod
    def of(cls, archive: Archive, suite: str, components: tuple[str, ...]) -> Self:
        """Write a line for an archive that has an address."""
        what = " ".join((suite, *components))
        if archive.secret is None:
            return cls(f"deb {archive.url} {what}")
        scheme, _, rest = str(archive.url).partition("://")
        secret = Secret(quote(archive.secret.reveal(), safe=""))
        return cls(f"deb {scheme}://{USER}:", secret, f"@{rest} {what}")

    def text(self) -> str:
        """Give the line as apt needs it, with its secret."""
        secret = "" if self.secret is None else self.secret.reveal()
        return f"{self.ahead}{secret}{self.behind}"

    def secrets(self) -> tuple[Secret, ...]:
        """Give what must not be seen in a log, as it is before it is encoded."""
        if self.secret is None:
            return ()
        return (Secret(unquote(self.secret.reveal())),)

    def __str__(self) -> str:
        secret = "" if self.secret is None else REDACTED
        return f"{self.ahead}{secret}{self.behind}"


@frozen(kw_only=True)
class Need:
    """
    All that decides from where a build gets its packages.

    :ivar archive: For which it is built.
    :ivar primary: That of the distribution; it may be the same.
    :ivar others: What the archive depends on, by name.
    :ivar components: All that the series has.
    :ivar strict: Whether main uses only main.
    :ivar in_primary: The component in which the primary archive has the source.
    :ivar own_lines: More lines, for this build alone.
    :ivar series_lines: What serves while the primary archive has no address.
    """

    archive: Archive
    primary: Archive
    others: Mapping[str, Archive] = Factory(dict)
    series: str
    pocket: Pocket
    component: str
    components: tuple[str, ...]
    strict: bool = True
    in_primary: str | None = None
    own_lines: tuple[str, ...] = ()
    series_lines: tuple[str, ...] | None = None


@frozen
class View:
    """What a build may use of an archive: a pocket, and those that it is built upon."""

    archive: Archive
    pocket: Pocket
    components: tuple[str, ...]


def of_archive(need: Need) -> tuple[View, ...]:
    """Tell what a build may use of its archive, unless that is the primary one."""
    if need.archive.purpose is Purpose.PRIMARY:
        return ()
    return (_view(need, need.archive, need.component, need.pocket),)


def of_others(need: Need) -> tuple[View, ...]:
    """Tell what a build may use of those that its archive depends on."""
    return tuple(_of(one, need) for one in need.archive.dependencies)


def of_primary(need: Need) -> tuple[View, ...]:
    """Tell what a build may use of the primary archive, unless that is said already."""
    primary = need.primary
    if any(one.archive == primary.name for one in need.archive.dependencies):
        return ()
    if need.archive.purpose is Purpose.PRIMARY:
        return (_view(need, primary, need.component, need.pocket),)
    return (View(primary, Pocket.UPDATES, everything(need.components)),)


#: Whether a pocket of an archive has packages for the architecture at all.
Published: TypeAlias = Callable[[Archive, Pocket], bool]


def lines(need: Need, published: Published) -> tuple[Line, ...] | None:
    """
    Compose the ``sources.list`` of a build.

    The archive itself comes first, then the lines that were given by hand, behind
    its first line; then what it depends on; then the primary archive.

    :returns: ``None`` if the chroot's own list is the only one that knows where the
        distribution is: to replace it would leave nothing to build with.
    """
    if need.primary.url is not None:
        base = _lines(of_primary(need), need, published)
    elif need.series_lines is not None:
        base = [Line.read(one) for one in need.series_lines]
    else:
        return None
    by_hand = (*need.own_lines, *need.archive.external_lines)
    external = [Line.read(one.replace(SERIES, need.series)) for one in by_hand]
    own = _lines(of_archive(need), need, published)
    others = _lines(of_others(need), need, published)
    if need.archive.purpose is Purpose.PRIMARY:
        own, others, base = [*others, *base], [], []
    return (*own[:1], *external, *own[1:], *others, *base)


def _of(one: Dependency, need: Need) -> View:
    archive = need.primary if one.archive == need.primary.name else None
    archive = archive or need.others[one.archive]
    component = one.component or need.in_primary or "universe"
    return _view(need, archive, component, one.pocket)


def _view(need: Need, archive: Archive, component: str, pocket: Pocket) -> View:
    match archive.purpose:
        case Purpose.PPA:
            seen: tuple[str, ...] = ("main",)
        case Purpose.PARTNER:
            seen = (PARTNER,)
        case _:
            seen = visible(component, pocket, need.components, strict=need.strict)
    return View(archive, pocket, seen)


def _lines(views: Iterable[View], need: Need, published: Published) -> list[Line]:
    return [
        Line.of(view.archive, f"{need.series}{pocket.suffix}", view.components)
        for view in views
        if view.archive.url is not None and view.components
        for pocket in expansion(view.pocket)
        if view.archive.purpose is Purpose.PRIMARY or published(view.archive, pocket)
    ]
