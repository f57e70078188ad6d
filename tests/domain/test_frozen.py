"""Nothing in the domain changes."""

from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import attrs
from attrs.exceptions import FrozenInstanceError
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager import domain
from buildd_manager.domain.secrets import Secret


def classes() -> Iterator[type]:
    """Give all classes of the domain."""
    for found in iter_modules(domain.__path__, f"{domain.__name__}."):
        for thing in vars(import_module(found.name)).values():
            if isinstance(thing, type) and thing.__module__ == found.name:
                yield thing


class FrozenTests(SynchronousTestCase):
    """The classes of the domain."""

    def test_frozen(self) -> None:
        """Every class is of values that do not change, an enumeration or an error."""
        seen = 0
        for kind in classes():
            if attrs.has(kind):
                value: Any = kind.__new__(kind)
                with self.assertRaises(FrozenInstanceError, msg=kind.__name__):
                    value.anything = 1
                seen += 1
            else:
                # A secret, which shows nothing, takes care of itself.
                self.assertTrue(issubclass(kind, Enum | Exception | Secret), kind)
        self.assertGreater(seen, 30)
