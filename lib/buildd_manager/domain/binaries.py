"""Packages that are published: what dependencies wait for."""

import re

from attrs import frozen

from buildd_manager.domain.pockets import Pocket


_PACKAGE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9+.-]*)_(?P<version>[A-Za-z0-9.+~-]+)"
    r"_(?P<architecture>[a-z0-9-]+)\.(?:deb|udeb)",
    re.ASCII,
)


@frozen
class Package:
    """A binary package, as its file's name tells."""

    name: str
    version: str
    architecture: str


@frozen(kw_only=True)
class NewBinary:
    """A binary package that is published somewhere."""

    archive: str
    series: str
    pocket: Pocket = Pocket.RELEASE
    component: str = "main"
    architecture: str
    name: str
    version: str


def package_of(file: str, source_version: str) -> Package | None:
    """
    Tell which package is in a file of this name; ``None`` if it is none.

    Names are without epochs. Nearly every package has the version of its source, and
    so that one's epoch; one that has another version is taken to have none.
    """
    if (match := _PACKAGE.fullmatch(file)) is None:
        return None
    version = match["version"]
    epoch, colon, rest = source_version.partition(":")
    if colon and rest == version:
        version = f"{epoch}:{version}"
    return Package(match["name"], version, match["architecture"])
