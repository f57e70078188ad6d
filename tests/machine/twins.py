"""A store in PostgreSQL, and one in memory that is asked the same."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from attrs import Factory, define, evolve, frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.errors import BuilddManagerError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import Store
from buildd_manager.testing.rows import Rows
from buildd_manager.testing.store import store_of
from tests.machine.clocked import ClockedDatabase
from tests.machine.laws import TABLES, Tables
from tests.machine.numbering import Numbering
from tests.machine.showing import differences


class DifferenceError(AssertionError):
    """The two stores have not answered the same."""


@frozen
class Side:
    """
    One of the two stores, and what it calls things.

    :ivar number: Translates a number of the store in memory, of a kind.
    """

    store: Store
    number: Callable[[str, int], int]

    def lease(self, lease: Lease) -> Lease:
        """Translate a lease."""
        return evolve(lease, builder=self.number("builder", lease.builder))

    def file(self, file: StoredFile) -> StoredFile:
        """Translate a file."""
        return evolve(file, alias=self.number("file", file.alias))


#: Asks one of the stores something.
Question = Callable[[Side], Deferred[Any]]


@define
class Twins:
    """
    Asks both, and neither lets anybody wait.

    Numbers are those of the store in memory.

    :ivar outcomes: How often each question was answered, and how.
    """

    _database: ClockedDatabase
    _postgres: Store
    outcomes: Counter[tuple[str, str]] = Factory(Counter)
    numbering: Numbering = Factory(Numbering)
    _clock: Clock = Factory(Clock)
    _rows: Rows = Factory(lambda self: Rows(self._clock), takes_self=True)

    def begin(self) -> None:
        """Forget everything, and begin again."""
        self._database.empty()
        self.numbering, self._clock = Numbering(), Clock()
        self._rows = Rows(self._clock)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._database.advance(seconds)
        self._clock.advance(seconds)

    def ask(self, what: str, question: Question) -> Any:
        """
        Ask both, and give what they answer; an error of ours is an answer.

        :raises DifferenceError: If they do not agree.
        """
        here = answer(question(self._here()))
        there = answer(question(Side(self._postgres, self.numbering.there)))
        self.outcomes[what, type(here).__name__] += 1
        if isinstance(here, Exception) and type(here) is type(there):
            return here
        if (found := self.numbering.difference(here, there)) is not None:
            raise DifferenceError(f"{what}: {found}")
        return here

    def peek(self, question: Question) -> Any:
        """Ask the one in memory alone."""
        return answer(question(self._here()))

    def tables(self) -> Tables:
        """
        Read all tables, past what is under test.

        :raises DifferenceError: If there is anything else in them than in memory.
        """
        now = Tables(**self._database.say(TABLES)[0][0])
        if found := list(differences(now, self._rows)):
            raise DifferenceError("\n".join(found))
        return now

    def _here(self) -> Side:
        return Side(store_of(self._rows), lambda _, number: number)


def answer(asked: Deferred[Any]) -> Any:
    """Take the answer to what was asked; an error of ours is one, too."""
    answers: list[Any] = []
    asked.addErrback(lambda why: why.trap(BuilddManagerError) and why.value)
    asked.addBoth(answers.append)
    (found,) = answers
    if isinstance(found, Failure):
        found.raiseException()
    return found
