"""Every bad input of the catalogue is shown to a test, or it is said why it is not."""

import re
from collections.abc import Mapping
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.bad_inputs import all_cases


ROOT = Path(__file__).parents[1]

#: The catalogue, by what is bad.
CATALOGUE = {
    "transport": "W1 W2 W4 W5 W7 W8 W10 W11",
    "encoding": "X1 X3 X4 X6 X7 X9 X10 X11 X13 X14 X16",
    "status": "S1 S3 S4 S5 S7 S8 S10 S11",
    "file map": "F2 F3 F4 F6 F7 F9 F10 F12 F13",
    "results": "R1 R3 R4 R6 R7 R9",
    "logs": "L1 L2 L4 L5 L7 L8 L10 L11",
    "sources": "D1 D3 D4 D6 D7",
    "requests": "A1 A2 A3 A5 A6 A8 A9 A11 A12",
    "configuration": "C1 C3 C4 C6 C7 C9",
}

#: What cannot happen to us as we are.
NOT_HERE: Mapping[str, str] = {
    "D7": "no signature is looked at: whoever knows the secret may submit",
    "A11": "no answer leads anywhere else",
    "A12": "no answer is without an end",
}

_SHOWN = re.compile(r"Bad input ([A-Z]\d+)\.")


class CatalogueTests(SynchronousTestCase):
    """The catalogue, and what is shown of it."""

    wanted = frozenset(" ".join(CATALOGUE.values()).split())

    def test_shown(self) -> None:
        """Each bad input is in a file of data, or named by a test."""
        shown = {case.id for case in all_cases()} | set(named())
        self.assertEqual(self.wanted - shown, NOT_HERE.keys())

    def test_data(self) -> None:
        """Each file of data is replayed by some test."""
        texts = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
        for path in (ROOT / "tests" / "data").glob("*/*.toml"):
            name = f"{path.parent.name}/{path.stem}"
            self.assertTrue(any(name in text for text in texts), name)

    def test_names(self) -> None:
        """No two cases of one kind have the same name."""
        names = [str(case) for case in all_cases()]
        self.assertEqual(len(names), len(set(names)))


def named() -> list[str]:
    """List the bad inputs that tests name."""
    paths = [*(ROOT / "tests").rglob("test_*.py"), *ROOT.glob("lib/**/contracts/*.py")]
    return [found for path in paths for found in _SHOWN.findall(path.read_text())]
