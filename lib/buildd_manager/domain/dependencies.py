"""What a build waits for: other packages, or other versions of them."""

import re
from collections.abc import Callable, Iterable

from attrs import frozen

from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.versions import OPERATORS, check_version, compare


#: Characters of an expression, and packages that are named in it.
LONGEST = 8 * 1024
MOST = 500

_RELATION = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?)"
    r"(?: ?\( ?(?P<operator><<|<=|=|>=|>>|<|>) ?(?P<version>[^ ()]+) ?\))?",
    re.ASCII,
)

#: Old words for new ones; what they say is what they mean.
_STRICTLY = {"<": "<<", ">": ">>"}


class UnparsableDependenciesError(InvalidError):
    """What a worker says is missing is not written as dependencies are."""


@frozen
class Relation:
    """
    One package, and perhaps which versions of it are good enough.

    :ivar name: It may have an architecture behind a colon, as in ``python3:any``.
    :ivar operator: A key of :data:`~buildd_manager.domain.versions.OPERATORS`.
    """

    name: str
    operator: str | None = None
    version: str | None = None

    @property
    def package(self) -> str:
        """The package that is meant, whatever the architecture."""
        return self.name.partition(":")[0]

    def __str__(self) -> str:
        if self.version is None:
            return self.name
        return f"{self.name} ({self.operator} {self.version})"

    def is_met(self, versions: Iterable[str]) -> bool:
        """Tell whether one of the versions that there are is good enough."""
        return any(self._is_met_by(version) for version in versions)

    def _is_met_by(self, version: str) -> bool:
        if self.operator is None or self.version is None:
            return True
        try:
            return OPERATORS[self.operator](compare(version, self.version), 0)
        except InvalidError:
            # Others publish what they like; nobody can tell if it is good enough.
            return False


@frozen
class Expression:
    """
    Groups of relations: of each group one must be met.

    As text it is what was parsed; if nothing is missing, it is empty.
    """

    groups: tuple[tuple[Relation, ...], ...] = ()

    def __str__(self) -> str:
        return ", ".join(" | ".join(map(str, group)) for group in self.groups)

    @property
    def names(self) -> frozenset[str]:
        """The packages that are named."""
        return frozenset(one.package for group in self.groups for one in group)


def parse(text: str) -> Expression:
    """
    Read an expression, such as ``a (>= 1), b | c``.

    :raises UnparsableDependenciesError: If a part of it cannot be read, or if it is
        longer than anybody would write.
    """
    if len(text) > LONGEST or not text.isascii():
        raise _unparsable(text, f"it is not ASCII, or longer than {LONGEST}")
    if not text.strip():
        return Expression()
    groups = tuple(_parse_group(group) for group in text.split(","))
    if sum(map(len, groups)) > MOST:
        raise _unparsable(text, f"it names more than {MOST} packages")
    return Expression(groups)


def unmet(
    expression: Expression, available: Callable[[str], Iterable[str]]
) -> Expression:
    """
    Leave out what is there by now.

    :param available: Tells the versions of a package that the build can see; any of
        them will do, not only the newest.
    """
    return Expression(
        tuple(
            group
            for group in expression.groups
            if not any(one.is_met(available(one.package)) for one in group)
        )
    )


def _parse_group(text: str) -> tuple[Relation, ...]:
    return tuple(_parse_relation(one) for one in text.split("|"))


def _parse_relation(text: str) -> Relation:
    if (match := _RELATION.fullmatch(" ".join(text.split()))) is None:
        raise _unparsable(text, "it is not NAME or NAME (OPERATOR VERSION)")
    name, operator, version = match["name"], match["operator"], match["version"]
    if version is None:
        return Relation(name)
    try:
        check_version(version, "dependencies")
    except InvalidError as error:
        raise _unparsable(text, error.fault) from error
    return Relation(name, _STRICTLY.get(operator, operator), version)


def _unparsable(text: str, fault: str) -> UnparsableDependenciesError:
    return UnparsableDependenciesError(
        "dependencies", f"{text[:200]!a}: {fault}", "look at the log of the build"
    )
