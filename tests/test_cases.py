"""Every case of ``tests/data/cases.txt`` is shown by a test, which says so."""

import re
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase

import tests
from tests.test_layout import cases as every


LIST = Path(__file__).parent / "data" / "cases.txt"

#: A line: the number of a case, whether it is none of ours, and what it is, or why.
LINE = re.compile(r"(\d+) (\(not ours\) )?\w.*\.")

NAMES = re.compile(r"\bCases? (\d+(?:, \d+)*)\.")


def listed() -> Iterator[tuple[int, bool]]:
    """Give the number of each case on the list, and whether it is one of ours."""
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            match = LINE.fullmatch(line)
            assert match is not None, line
            yield int(match[1]), match[2] is None


def named(docstring: str) -> set[int]:
    """Give the cases that a docstring names."""
    names = NAMES.findall(" ".join(docstring.split()))
    return {int(number) for one in names for number in one.split(", ")}


def shown() -> set[int]:
    """Give the cases that are named by what is run: tests, and classes of them."""
    found: set[int] = set()
    for one in every(TestLoader().loadPackage(tests, recurse=True)):
        for documented in (type(one), getattr(one, one._testMethodName)):
            found |= named(documented.__doc__ or "")
    return found


class CaseTests(SynchronousTestCase):
    """What is on the list, and what tests say of it."""

    def test_list(self) -> None:
        """The list is in order, and has no case twice."""
        numbers = [number for number, _ in listed()]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_named(self) -> None:
        """A docstring may name several cases, and break its lines anywhere."""
        self.assertEqual(named("It waits. Case 7."), {7})
        self.assertEqual(named("It waits. Cases 7, 8,\n    19."), {7, 8, 19})
        self.assertEqual(named("It waits (7)."), set())

    def test_shown(self) -> None:
        """Each case that is ours is named, and none that is not on the list."""
        ours = {number for number, is_ours in listed() if is_ours}
        # The list grows at its end.
        self.assertEqual({one for one in shown() if one <= max(ours)}, ours)
