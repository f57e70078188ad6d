"""
Bad inputs, and what is to become of them, read from ``tests/data``.

``tests/data/<section>/<file>.toml`` has cases, each a table ``[[case]]``. Its ``id`` is
that of the catalogue of bad inputs; cases with the same id are variants. What else is
said in a file, outside of its cases, holds for all of them unless they say otherwise.

A text may be a list of texts and of pairs ``[text, times]``, in which ``{n}`` is a
number.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen


DATA = Path(__file__).parent / "data"

Text: TypeAlias = str | Sequence[str | tuple[str, int]]


@frozen
class Case:
    """
    One bad input.

    :ivar said: All that is said of it.
    """

    said: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its place in the catalogue."""
        return str(self.said["id"])

    def __str__(self) -> str:
        return f"{self.id} {self.said['name']}"

    def __contains__(self, key: str) -> bool:
        return key in self.said

    def __getitem__(self, key: str) -> Any:
        return self.said[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Give what is said of ``key``, if anything is."""
        return self.said.get(key, default)

    def bytes_of(self, key: str) -> bytes:
        """Give a text as bytes; ``encoding`` may be said, too."""
        encoding: str = self.said.get("encoding", "utf-8")
        return text_of(self.said[key]).encode(encoding)

    def whole(self, key: str) -> bytes:
        """
        Give something as bytes that may be said in full, or by how it differs.

        Then ``good`` is what it differs from, ``change`` is a part of that and what
        stands there instead, and ``more`` is what stands behind it.
        """
        if key in self:
            return self.bytes_of(key)
        old, new = self.get("change", ("", ""))
        good: str = self["good"]
        assert old in good, str(self)
        return f"{good.replace(old, text_of(new), 1)}{self.get('more', '')}".encode()


def cases(file: str) -> Iterator[Case]:
    """Read the cases of a file, such as ``worker/xml``."""
    with (DATA / f"{file}.toml").open("rb") as opened:
        common = tomllib.load(opened)
    for case in common.pop("case"):
        yield Case({**common, **case})


def all_cases() -> Iterator[Case]:
    """Read the cases of all files."""
    for path in sorted(DATA.glob("*/*.toml")):
        yield from cases(str(path.relative_to(DATA).with_suffix("")))


def text_of(text: Text) -> str:
    """Put together what may be in pieces."""
    parts = [text] if isinstance(text, str) else text
    return "".join(map(_part, parts))


def _part(part: str | tuple[str, int]) -> str:
    if isinstance(part, str):
        return part
    text, times = part
    if "{n}" not in text:
        return text * times
    return "".join(text.replace("{n}", str(number)) for number in range(times))
