"""
What a hostile worker sends, read from ``tests/data/worker``.

A case says what is sent and what is thought of it: the name of an error, and a part of
its words. Its number is that of the catalogue of bad inputs; cases with the same
number are variants.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xmlrpc.client import dumps

from attrs import frozen
from hypothesis import HealthCheck, settings

from buildd_manager.domain import errors
from buildd_manager.domain.errors import BuilddManagerError


#: For properties: a busy machine is no reason to fail.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

DIRECTORY = Path(__file__).parent.parent / "data" / "worker"


@frozen(kw_only=True)
class Case:
    """
    Something that a worker may send.

    :ivar title: The number and the name.
    :ivar input: What is sent.
    :ivar more: What else the file says.
    """

    title: str
    input: bytes
    more: dict[str, Any]

    @property
    def error(self) -> type[BuilddManagerError]:
        """The error that it leads to."""
        return error_called(self.more["error"])

    def check(self, error: Exception | None) -> None:
        """Make sure that ``error`` is what it leads to."""
        self.check_is(error, self.error, self.more["says"])

    def check_is(
        self, error: Exception | None, wanted: type[Exception], says: str
    ) -> None:
        """Make sure that ``error`` is just a ``wanted`` one with these words."""
        assert type(error) is wanted, f"{self.title}: {error!r}"
        assert says in str(error), f"{self.title}: {error}"
        assert str(error).isprintable(), f"{self.title}: {error}"


def cases(file: str) -> Iterator[Case]:
    """Read the cases of a file."""
    with (DIRECTORY / file).open("rb") as opened:
        table = tomllib.load(opened)
    common = {"encoding": table.get("encoding", "utf-8")}
    for case in table["case"]:
        more = {**common, **case}
        yield Case(
            title=f"{case['number']} {case['name']}", input=_input(more), more=more
        )


def error_called(name: str) -> type[BuilddManagerError]:
    """Give the error of this name."""
    error: type[BuilddManagerError] = getattr(errors, name)
    return error


def _input(case: dict[str, Any]) -> bytes:
    if "files" in case:
        finished = {
            "builder_status": "BuilderStatus.WAITING",
            "build_status": "BuildStatus.OK",
            "build_id": "1-1",
            "filemap": case["files"],
        }
        return _reply(finished)
    if "status" in case:
        return _reply(case["status"])
    parts = [case["input"]] if isinstance(case["input"], str) else case["input"]
    return "".join(map(_part, parts)).encode(case["encoding"])


def _reply(value: Any) -> bytes:
    return dumps((value,), methodresponse=True).encode()


def _part(part: str | tuple[str, int]) -> str:
    if isinstance(part, str):
        return part
    text, times = part
    if "{n}" not in text:
        return text * times
    return "".join(text.replace("{n}", str(number)) for number in range(times))
