"""Which version of a package is newer: Debian's rules."""

import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from debian_inspector.version import Version, compare_version_objects

from buildd_manager.domain.errors import InvalidError


#: Characters; no version comes near it.
LONGEST = 255

#: As dpkg takes it, not as policy asks for it: ``1.0~`` is one, ``a`` is one.
_VERSION = re.compile(
    r"(?:(?P<epoch>[0-9]{1,9}):)?"
    r"(?P<rest>[A-Za-z0-9](?:[A-Za-z0-9.+~-]*[A-Za-z0-9.+~])?)",
    re.ASCII,
)

#: What a relation between packages may ask of a version; that of the asked one and
#: the named one compare to 0 like this.
OPERATORS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        "<<": operator.lt,
        "<=": operator.le,
        "=": operator.eq,
        ">=": operator.ge,
        ">>": operator.gt,
    }
)


def check_version(text: str, field: str) -> str:
    """
    Accept the version of a package.

    :raises InvalidError: If dpkg could not compare it.
    """
    _parse(text, field)
    return text


def compare(one: str, other: str) -> int:
    """
    Compare two versions.

    :returns: Less than 0 if the first is older, more if it is newer; 0 if they are
        the same, perhaps in other words.
    :raises InvalidError: If one of them is none.
    """
    parsed = _parse(one, "version"), _parse(other, "version")
    return int(compare_version_objects(*parsed))


def newer(one: str, other: str) -> bool:
    """Tell whether the first version is the newer one."""
    return compare(one, other) > 0


def _parse(text: str, field: str) -> Version:
    match = _VERSION.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise InvalidError(
            field,
            f"{text[:80]!a} is not a version",
            f"use [epoch:]upstream[-revision], {LONGEST} characters at most",
        )
    upstream, hyphen, revision = match["rest"].rpartition("-")
    if not hyphen:
        upstream, revision = revision, "0"
    return Version(int(match["epoch"] or 0), upstream, revision)
