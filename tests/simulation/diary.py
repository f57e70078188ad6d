"""What has happened, for people to read and for runs to be compared by."""

from collections import Counter
from hashlib import sha256

from attrs import frozen

from tests.simulation.clock import Timeline


@frozen
class Violation:
    """
    A promise that was broken.

    :ivar rule: Its name in the list of invariants.
    """

    when: float
    rule: str
    what: str

    def __str__(self) -> str:
        return f"@{self.when:.1f}s {self.rule} {self.what}"


class Diary:
    """
    Everything of note, in the order in which it has happened.

    :ivar covered: How often what has happened that could.
    """

    def __init__(self, timeline: Timeline) -> None:
        self.violations: list[Violation] = []
        self.covered: Counter[str] = Counter()
        self._timeline = timeline
        self._notes: list[tuple[float, str]] = []

    def note(self, what: str) -> None:
        """Write down that something happens."""
        self._notes.append((self._timeline.seconds(), what))

    def violate(self, rule: str, what: str) -> None:
        """Write down that something happens which never should."""
        violation = Violation(self._timeline.seconds(), rule, what)
        self.violations.append(violation)
        self.note(f"VIOLATION {violation}")

    def text(self) -> str:
        """Give all that was written down, one thing on each line."""
        return "".join(f"{when:12.4f} {what}\n" for when, what in self._notes)

    def digest(self) -> str:
        """Sum up what has happened: the same for the same history only."""
        return sha256(self.text().encode()).hexdigest()
