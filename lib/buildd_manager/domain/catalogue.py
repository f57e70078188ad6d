"""What people add to a farm, and what they see of it."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from attrs import frozen

from buildd_manager.domain.architectures import Wanted
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.sources import Source


_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{0,62}", re.ASCII)
#: A name, or an IPv6 address: nothing that a shell at the other end of ssh reads.
_HOST = re.compile(r"[a-z0-9_][a-z0-9_.-]*|[0-9a-f:.]+", re.ASCII)
_ARCHIVE_LINE = re.compile(r"deb(?: \[[ -Z^-~]*\])? \S+ \S+( \S+)*")


def check_identifier(text: str, field: str) -> str:
    """
    Accept the name of a series, an architecture, a component or a builder.

    :raises InvalidError: If it is not made like a Debian name.
    """
    if _NAME.fullmatch(text) is None:
        raise InvalidError(
            field,
            f"{text[:80]!a} is not a name",
            "use 1 to 63 of a-z, 0-9, +, . and -, beginning with a letter or digit",
        )
    return text


def check_url(text: str, field: str) -> str:
    """
    Accept the address of a worker: scheme, host and port, nothing else.

    :returns: The address without the final slash.
    :raises InvalidError: If it is anything else.
    """
    mend = "give http://HOST:PORT or https://HOST:PORT, as in http://bob:8221"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidError(field, f"{text[:200]!a}: {error}", mend) from error
    if not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidError(field, f"{text[:200]!a} is not an address", mend)
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidError(field, f"{text[:200]!a} is not http(s)", mend)
    if _HOST.fullmatch(host) is None:
        raise InvalidError(field, f"{text[:200]!a} names no host", mend)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in text:
        raise InvalidError(field, f"{text[:200]!a} has more than that", mend)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def check_archive_line(text: str, field: str) -> str:
    """
    Accept one line of a ``sources.list``.

    :raises InvalidError: If it is not one ``deb`` line.
    """
    if not text.isprintable() or _ARCHIVE_LINE.fullmatch(text) is None:
        raise InvalidError(
            field,
            f"{text[:200]!a} is not a line of a sources.list",
            'give one like "deb http://deb.debian.org/debian trixie main"',
        )
    return text


@frozen(kw_only=True)
class NewSeries:
    """
    A series to be added.

    :ivar distribution: Whose series it is; sbuild on the worker is told.
    :ivar component: In which its sources are, unless they say otherwise.
    :ivar archive_lines: ``None`` leaves the chroot's own list as it is.
    """

    name: str
    distribution: str = "debian"
    component: str = "main"
    archive_lines: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        check_identifier(self.name, "series")
        check_identifier(self.distribution, "distribution")
        check_identifier(self.component, "component")
        for line in self.archive_lines or ():
            check_archive_line(line, "archive line")


@frozen(kw_only=True)
class ArchDetail:
    """An architecture of a series; without a chroot it cannot be built for."""

    architecture: str
    chroot: StoredFile | None


@frozen(kw_only=True)
class SeriesDetail:
    """A series and its architectures, in the order in which they were added."""

    name: str
    distribution: str
    component: str
    archive_lines: tuple[str, ...] | None
    architectures: tuple[ArchDetail, ...]


@frozen(kw_only=True)
class NewBuilder:
    """A builder to be added; see :class:`~buildd_manager.domain.builders.Builder`."""

    name: str
    url: str
    architectures: tuple[str, ...]
    virtualized: bool = False
    vm_host: str | None = None
    manual: bool = False

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        check_identifier(self.name, "builder")
        if check_url(self.url, "url") != self.url:
            raise InvalidError("url", "it ends in a slash", "leave the slash out")
        if not self.architectures:
            raise InvalidError("arch", "there is none", "name one architecture or more")
        for architecture in self.architectures:
            check_identifier(architecture, "arch")
        if self.vm_host is not None:
            check_identifier(self.vm_host, "vm-host")
        elif self.virtualized:
            raise InvalidError(
                "vm-host", "a virtual builder needs one", "name the machine to reset"
            )


@frozen(kw_only=True)
class Submission:
    """
    A source to be built.

    :ivar files: The ``.dsc`` first, then all that it lists.
    """

    source: Source
    series: str
    wanted: tuple[Wanted, ...]
    files: tuple[StoredFile, ...]
    score: int


@frozen(kw_only=True)
class BuildSummary:
    """A build in a list; ``builder`` names where it is, or was, built."""

    id: int
    source: str
    version: str
    series: str
    architecture: str
    state: BuildState
    score: int
    builder: str | None
    created: datetime
    finished: datetime | None


@frozen(kw_only=True)
class AttemptDetail:
    """One attempt at a build; ``outcome`` says in words how it ended."""

    id: int
    number: int
    builder: str
    cookie: str
    state: AttemptState
    claimed: datetime
    started: datetime | None
    ended: datetime | None
    outcome: str | None


@frozen(kw_only=True)
class BuildDetail:
    """All that there is to see of a build."""

    summary: BuildSummary
    dependencies: str | None
    log_tail: str | None
    log: StoredFile | None
    files: tuple[StoredFile, ...]
    attempts: tuple[AttemptDetail, ...]
    upload_output: str | None
