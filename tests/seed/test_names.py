"""Where 2005's names are said to be, there is something."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from attrs import fields_dict, has
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.interface import InterfaceClass


ROOT = Path(__file__).parents[2]

#: The tables, and how many rooms they name at least.
TABLES = {ROOT / "docs" / "names.rst": 40, ROOT / "ARCHITECTURE.md": 20}

_ROOM = re.compile(r"`((?:domain|ports|adapters|services|house)\.[\w.]+)`")


class NamesTests(SynchronousTestCase):
    """The tables of names."""

    def test_rooms(self) -> None:
        """Each room that they name is there, with what is said to be in it."""
        for table, least in TABLES.items():
            rooms = _ROOM.findall(table.read_text())
            self.assertGreater(len(rooms), least)
            missing = [room for room in rooms if not _is_there(room)]
            self.assertEqual(missing, [])

    def test_no_room(self) -> None:
        """What is not there is found out."""
        for room in ("house.one_pas", "ports.workers.IWorker.say", "services.x.y"):
            self.assertFalse(_is_there(room))


def _is_there(room: str) -> bool:
    """Import as much of a dotted name as can be, and look for the rest in that."""
    found: Any = import_module("buildd_manager")
    for word in room.split("."):
        try:
            found = _look(found, word)
        except (AttributeError, KeyError, ModuleNotFoundError):
            return False
    return True


def _look(place: Any, word: str) -> Any:
    if isinstance(place, InterfaceClass):
        return place[word]
    if has(place) and word in fields_dict(place):
        return fields_dict(place)[word]
    if hasattr(place, word):
        return getattr(place, word)
    return import_module(f"{place.__name__}.{word}")
