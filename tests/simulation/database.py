"""The way to the database, which can fail before a transaction, or after it."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, cast

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from buildd_manager.domain.errors import CommitUnknownError, StoreUnavailableError
from buildd_manager.ports import (
    IAudit,
    IBuildStore,
    ICatalogue,
    IFileIndex,
    IQueue,
    IUploadStore,
    Store,
)
from tests.simulation.chance import Chance
from tests.simulation.clock import Timeline
from tests.simulation.diary import Diary
from tests.simulation.faults import Fault
from tests.simulation.rules.commits import Commits
from tests.simulation.rules.paces import Paces
from tests.simulation.seats import Seat


#: Seconds that half a transaction takes, if nothing is wrong.
_LATENCIES = (0.001, 0.005, 0.05)

#: Seconds after which a transaction may still be done whose connection is lost: more
#: than one statement may take.
_LATEST = 30.0


class Database:
    """
    A store, and all that may come between it and who asks.

    :ivar is_down: Whether nobody reaches it.
    """

    def __init__(
        self,
        timeline: Timeline,
        chance: Chance,
        diary: Diary,
        store: Store,
        commits: Commits,
        paces: Paces,
    ) -> None:
        self.timeline = timeline
        self.chance = chance
        self.diary = diary
        self.commits = commits
        self.paces = paces
        self.is_down = False
        self._store = store

    def heal(self) -> None:
        """Be told that all trouble is over."""
        self.is_down = False
        self.commits.builders.heal()

    def seen_from(self, seat: Seat) -> Store:
        """Give the store as who sits there sees it."""
        store = self._store
        return Store(
            builds=cast("IBuildStore", _Clerk(self, seat, store.builds)),
            uploads=cast("IUploadStore", _Clerk(self, seat, store.uploads)),
            catalogue=cast("ICatalogue", _Clerk(self, seat, store.catalogue)),
            queue=cast("IQueue", _Clerk(self, seat, store.queue)),
            files=cast("IFileIndex", _Clerk(self, seat, store.files)),
            audit=cast("IAudit", _Clerk(self, seat, store.audit)),
        )


@frozen(eq=False)
class _Clerk:
    """Takes what is asked of one port of a store to the database."""

    _database: Database
    _seat: Seat
    _port: object

    def __getattr__(self, name: str) -> Callable[..., Deferred[Any]]:
        method = getattr(self._port, name)

        def ask(*args: object, **more: object) -> Deferred[Any]:
            answered: Deferred[Any] = Deferred()
            do = partial(method, **more)
            if name == "look":
                self._database.paces.looked(self._seat, *cast("tuple[int]", args))
            _Errand(self._database, self._seat, name, do, args, answered).begin()
            return answered

        return ask


@frozen(eq=False)
class _Errand:
    """One transaction, on its way."""

    _database: Database
    _seat: Seat
    _name: str
    _method: Callable[..., Deferred[Any]]
    _args: tuple[object, ...]
    _answered: Deferred[Any]

    def begin(self) -> None:
        """Send it; it is done even if who has sent it is no more."""
        self._database.timeline.after(self._latency(), self._arrive)

    def _arrive(self) -> None:
        if self._is_unwanted():
            return
        chance = self._database.chance
        if self._database.is_down or chance.strikes(Fault.REFUSE):
            self._tell("refused", Failure(StoreUnavailableError("no database")))
        elif chance.strikes(Fault.UNKNOWN):
            self._commit_or_not(chance.of("commits"))
            self._tell("unknown", Failure(CommitUnknownError("no answer")))
        else:
            said = self._commit()
            how = type(said.value).__name__ if isinstance(said, Failure) else "ok"
            self._tell(how, said)

    def _commit_or_not(self, random: Random) -> None:
        """Do it now, later or never: whoever has lost a connection cannot know."""
        when = random.random()
        if when < 0.25:
            self._commit()
        elif when < 0.5:
            self._database.timeline.after(random.uniform(0, _LATEST), self._commit)

    def _commit(self) -> object:
        """Do it; nothing else happens meanwhile."""
        answers: list[object] = []
        self._method(*self._args).addBoth(answers.append)
        (said,) = answers
        if not isinstance(said, Failure):
            self._database.commits.done(self._seat, self._name, self._args, said)
        return said

    def _tell(self, how: str, said: object) -> None:
        diary = self._database.diary
        diary.note(f"{self._seat.name} . {self._name}: {how}")
        diary.covered[f"transaction: {self._name} {how}"] += 1
        self._seat.process.after(self._latency(), self._hear, said)

    def _hear(self, said: object) -> None:
        if not self._answered.called:
            self._answered.callback(said)

    def _is_unwanted(self) -> bool:
        """What was called off may be done all the same."""
        chance = self._database.chance
        return self._answered.called and chance.of("commits").random() < 0.5

    def _latency(self) -> float:
        chance = self._database.chance
        if chance.strikes(Fault.STALL):
            return chance.of("latency").uniform(5, 120)
        return chance.of("latency").choice(_LATENCIES)
