"""How the code and its tests are laid out."""

import ast
from collections.abc import Iterable, Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase, TestCase, TestSuite

import tests


ROOT = Path(__file__).parents[1]

#: The most lines of a module.
LONGEST = 400


def modules(*folders: str) -> Iterator[Path]:
    """Give all modules in some folders."""
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def cases(suite: Iterable[Any]) -> Iterator[Any]:
    """Give the tests of a suite, and of the suites in it."""
    for one in suite:
        if isinstance(one, TestSuite):
            yield from cases(one)
        else:
            yield one


def never_run(found: Iterable[Any]) -> list[str]:
    """Name tests that wait, of cases that do not: nobody would run them."""
    return [
        one.id()
        for one in found
        if isinstance(one, SynchronousTestCase)
        and not isinstance(one, TestCase)
        and iscoroutinefunction(getattr(one, one._testMethodName))
    ]


class LayoutTests(SynchronousTestCase):
    """What holds for every module."""

    def test_short(self) -> None:
        """No module is so long that nobody reads it."""
        lengths = {
            str(path.relative_to(ROOT)): len(path.read_text().splitlines())
            for path in modules("lib", "lab", "twisted", "tests")
        }
        self.assertIn("lib/buildd_manager/house.py", lengths)
        long = {path: lines for path, lines in lengths.items() if lines > LONGEST}
        self.assertEqual(long, {})

    def test_no_reactor(self) -> None:
        """No module takes the reactor when it is imported: that is for the program."""
        taking = [
            str(path.relative_to(ROOT))
            for path in modules("lib", "twisted")
            if any(map(_takes_reactor, ast.parse(path.read_text()).body))
        ]
        self.assertEqual(taking, [])

    def test_all_run(self) -> None:
        """Tests that wait are of cases that wait for them."""

        class Example(SynchronousTestCase):
            async def test_one(self) -> None: ...

        self.assertEqual(len(never_run([Example("test_one")])), 1)
        ours = list(cases(TestLoader().loadPackage(tests, recurse=True)))
        self.assertGreater(len(ours), 100)
        self.assertEqual(never_run(ours), [])


def _takes_reactor(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and any(
        (statement.module, name.name) == ("twisted.internet", "reactor")
        for name in statement.names
    )
