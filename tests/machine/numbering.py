"""Two stores number things differently, and mean the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from attrs import define, field

from buildd_manager.domain.archives import Archive
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.matching import Candidate, WaitingBuild
from buildd_manager.domain.queue import AttemptDetail, BuildSummary


#: What is numbered, by the name of the field that has the number.
_FIELDS = {
    "alias": "file",
    "attempt": "attempt",
    "build": "build",
    "builder": "builder",
    "queue": "queue",
}

#: Of what has a number of its own.
_OWN: Mapping[type, str] = {
    Archive: "archive",
    AttemptDetail: "attempt",
    BuildSummary: "build",
    Builder: "builder",
    Candidate: "builder",
    WaitingBuild: "build",
}

#: Mappings and sets of numbers, likewise by the field.
_KEYS = {"estimates": "build", "failed_on": "builder", "running": "builder"}


@define
class Numbering:
    """
    Which number here is which number there: each is one only.

    It is learned from what both answer. A number of one that comes with two numbers
    of the other is a difference.
    """

    _there: dict[tuple[str, int], int] = field(factory=dict)
    _here: dict[tuple[str, int], int] = field(factory=dict)

    def there(self, kind: str, number: int) -> int:
        """Translate; what was never heard of is called the same."""
        return self._there.get((kind, number), number)

    def known(self, kind: str) -> list[int]:
        """List all numbers here of a kind, the first one first."""
        return sorted(number for what, number in self._there if what == kind)

    def difference(self, here: Any, there: Any, name: str = "") -> str | None:
        """Tell where two values differ, but for their numbers."""
        if type(here) is not type(there):
            return f"{name}: {here!r} is not {there!r}"
        if attrs.has(type(here)):
            return self._of_values(here, there)
        if isinstance(here, Mapping | frozenset) and name in _KEYS:
            return self._of_keys(here, there, name)
        if isinstance(here, tuple | list):
            return self._of_sequences(here, there, name)
        if name in _FIELDS and isinstance(here, int):
            return self._of_numbers(_FIELDS[name], here, there)
        return None if here == there else f"{name}: {here!r} is not {there!r}"

    def _of_values(self, here: Any, there: Any) -> str | None:
        for one in attrs.fields(type(here)):
            mine, other = getattr(here, one.name), getattr(there, one.name)
            if one.name == "id" and type(here) in _OWN:
                found = self._of_numbers(_OWN[type(here)], mine, other)
            elif one.name == "cookie" and isinstance(mine, str):
                found = self.difference(Cookie.parse(mine), Cookie.parse(other))
            else:
                found = self.difference(mine, other, one.name)
            if found is not None:
                return f"{type(here).__name__}.{found}"
        return None

    def _of_keys(self, here: Any, there: Any, name: str) -> str | None:
        moved = {self.there(_KEYS[name], number): number for number in here}
        if set(moved) != set(there):
            return f"{name}: {here!r} is not {there!r}"
        if isinstance(here, frozenset):
            return None
        pairs = ((here[mine], there[other]) for other, mine in moved.items())
        found = (self.difference(*pair, name="") for pair in pairs)
        return next(filter(None, found), None)

    def _of_sequences(
        self, here: Sequence[Any], there: Sequence[Any], name: str
    ) -> str | None:
        if len(here) != len(there):
            return f"{name}: {here!r} is not {there!r}"
        for mine, other in zip(here, there, strict=True):
            if (found := self.difference(mine, other, name)) is not None:
                return found
        return None

    def _of_numbers(self, kind: str, here: int, there: int) -> str | None:
        known = self._there.setdefault((kind, here), there)
        back = self._here.setdefault((kind, there), here)
        if (known, back) == (there, here):
            return None
        return f"{kind} {here} is {known} there, not {there}"
