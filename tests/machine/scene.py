"""A farm in two stores, and what is asked of both."""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Any, TypeAlias

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from twisted.internet.defer import Deferred

from buildd_manager.domain.archives import NewArchive
from buildd_manager.domain.builders import Builder, Lease, ResetProtocol
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewBuilder, NewSeries
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.domain.sources import Source
from tests.machine.laws import EMPTY, broken
from tests.machine.twins import Question, Side, Twins


MANAGERS = tuple(f"00000000-0000-4000-8000-00000000000{digit}" for digit in "ab")

#: Seconds for which builders are leased.
LEASED = 60.0

BUILDERS = (
    NewBuilder(name="bob", url="http://bob:8221", architectures=("amd64",)),
    NewBuilder(name="ann", url="http://ann:8221", architectures=("amd64",)),
    NewBuilder(
        name="vic",
        url="http://vic:8221",
        architectures=("amd64",),
        virtualized=True,
        vm_host="host",
        reset_protocol=ResetProtocol.V2_0,
    ),
)

FILES = ("chroot", "hello_1.dsc", "log", "hello_1_amd64.deb")

#: What is seen of a builder.
Look: TypeAlias = tuple[Builder, Assignment | None]

#: Which one of several is meant: mostly the one that anybody would mean, else any.
which = st.integers(0, 99)
_MOSTLY = 70
_NONE = 99


@frozen
class Held:
    """A lease, as a store tells of it."""

    builder: int
    epoch: int


class Scene(RuleBasedStateMachine):
    """
    Two managers, three builders and two archives, and what they remember.

    No rule has a precondition, and none draws from what is there: what is done may
    well be senseless, and must then be refused by both.

    :ivar leases: All that were ever given, the latest last.
    :ivar looks: What was ever seen of each builder, the latest last.
    :ivar asked: All that was ever asked for, the latest last.
    :ivar cookies: All that were ever given to workers, the latest last.
    """

    def __init__(self, twins: Twins) -> None:
        super().__init__()
        self.twins = twins
        self.leases: list[Lease] = []
        self.looks: dict[int, list[Look]] = defaultdict(list)
        self.cookies: list[Cookie] = []
        self.asked: list[tuple[str, Question]] = []
        self.nonces = count(1)
        self._before = EMPTY
        self._is_well = False

    def found(self) -> None:
        """Set the farm up, and lease it to each manager, and to the first again."""
        self.twins.begin()
        self.files = {name: self._add_file(name) for name in FILES}
        self._add_series()
        self.builders = [self._add_builder(new) for new in BUILDERS]
        for manager in MANAGERS:
            self.register(manager)
            self.take(manager)
            self.leave(manager)
        self.take(MANAGERS[0])
        for score, name in enumerate(("a", "b")):
            self.have_submitted(name, "1", "debian", score)

    def teardown(self) -> None:
        """Unless it is known better, both tell the same of all that has happened."""
        if not self._is_well:
            return
        for builder in self.twins.numbering.known("builder"):
            self.look(builder)
        for build in self.twins.numbering.known("build"):
            self._find_build(build)
        self.read("outlook", lambda s: s.store.queue.outlook())
        self.read("dep_waits", lambda s: s.store.queue.dep_waits())
        for manager in MANAGERS:
            self._pending_uploads(manager)

    # --- for rules

    def ask(self, what: str, question: Question) -> Any:
        """
        Ask both stores; a second later no law is broken, and both show one farm.

        :raises DifferenceError: If they do not agree.
        """
        self._is_well = False
        self.asked.append((what, question))
        answer = self.twins.ask(what, question)
        self.twins.advance(1.0)
        after = self.twins.tables()
        found = list(broken(self._before, after, retried=what == "retry"))
        assert not found, "\n".join(found)
        self._before, self._is_well = after, True
        return answer

    def read(self, what: str, question: Question) -> Any:
        """Ask both stores something that breaks no law."""
        return self.twins.ask(what, question)

    def look(self, builder: int) -> Look:
        """Look at a builder, and remember what was seen."""
        seen: Look = self.read(
            "look", lambda s: s.store.builds.look(s.number("builder", builder))
        )
        self.looks[builder].append(seen)
        return seen

    def peek(self, builder: int) -> Look:
        """The same, but in the store in memory alone."""
        seen: Look = self.twins.peek(lambda s: s.store.builds.look(builder))
        self.looks[builder].append(seen)
        return seen

    def register(self, manager: str) -> None:
        """A manager begins."""
        self.ask(
            "register",
            lambda s: s.store.builds.register(manager, "m", "1").addCallback(_held),
        )

    def release(self, lease: Lease) -> None:
        """A manager gives a lease back, in time or not."""

        def release(side: Side) -> Deferred[None]:
            builder = side.number("builder", lease.builder)
            return side.store.builds.release(lease.owner, {builder: lease.epoch})

        self.ask("release", release)

    def leave(self, manager: str) -> None:
        """A manager gives back all it has."""
        latest = {one.builder: one for one in self.leases if one.owner == manager}
        for lease in latest.values():
            self.release(lease)

    def take(self, manager: str) -> None:
        """A manager renews its leases, and takes what is free."""

        def lease(side: Side) -> Deferred[Any]:
            return side.store.builds.lease(manager, LEASED).addCallback(_held)

        for held in self.ask("lease", lease):
            lease_ = Lease(
                builder=held.builder, owner=manager, epoch=held.epoch, deadline=0.0
            )
            if lease_ not in self.leases:
                self.leases.append(lease_)

    def set_chroot(self, *, there: bool) -> None:
        """Have something to build in, or nothing."""

        def set_chroot(side: Side) -> Deferred[Any]:
            chroot = side.file(self.files["chroot"]) if there else None
            return side.store.catalogue.set_chroot("bookworm", "amd64", chroot)

        self.ask("set_chroot", set_chroot)

    def have_submitted(self, name: str, version: str, archive: str, score: int) -> None:
        """Submit a source, for builders of the kind that its archive is for."""

        def submit(side: Side) -> Deferred[Any]:
            virtualized = self._needs_virtual(archive)
            submission = Submission(
                source=Source(name=name, version=version, hints=("any",), files=()),
                archive=archive,
                series="bookworm",
                component="main",
                builds=(NewBuild(architecture="amd64", virtualized=virtualized),),
                files=(side.file(self.files["hello_1.dsc"]),),
                score=score,
            )
            return side.store.queue.submit(submission)

        self.ask("submit", submit)

    def lease(self, n: int) -> Lease:
        """Give a lease: mostly the latest of a builder, else any that ever was."""
        if n < _MOSTLY:
            builder = self.builders[n % len(self.builders)]
            return [one for one in self.leases if one.builder == builder][-1]
        return self.leases[n % len(self.leases)]

    def attempt(self, lease: Lease, n: int) -> int:
        """Give an attempt: mostly that of a builder, else any; 0 if there is none."""
        _, building = self.peek(lease.builder)
        if n < _MOSTLY and building is not None:
            return int(building.attempt)
        return self.any_of("attempt", n)

    def build(self, n: int, states: AbstractSet[BuildState]) -> int:
        """Give a build: mostly one that is in a certain state, else any."""
        known = [
            number
            for number in self.twins.numbering.known("build")
            if self._state_of(number) in states
        ]
        return (
            known[n % len(known)] if n < _MOSTLY and known else self.any_of("build", n)
        )

    def any_of(self, kind: str, n: int) -> int:
        """Give one of a kind, for 0 the latest; or 0, which there is none of."""
        known = self.twins.numbering.known(kind)
        return known[-1 - n % len(known)] if known and n != _NONE else 0

    def _needs_virtual(self, archive: str) -> bool:
        found = self.twins.peek(lambda s: s.store.catalogue.find_archive(archive))
        series = self.twins.peek(lambda s: s.store.catalogue.find_series("bookworm"))
        real = series.architectures[0].supports_nonvirtualized
        return bool(found.needs_virtual(supports_nonvirtualized=real))

    def _add_file(self, name: str) -> StoredFile:
        file: StoredFile = self.read(
            "add_file",
            lambda s: s.store.files.add_file(name, "x/y", 4, "a" * 40, "b" * 64),
        )
        return file

    def _add_series(self) -> None:
        ppa = NewArchive(name="ppa", require_virtualized=True)
        series = NewSeries(name="bookworm")
        self.read("add_series", lambda s: s.store.catalogue.add_series(series))
        self.read("add_archive", lambda s: s.store.catalogue.add_archive(ppa))
        self.read(
            "add_architecture",
            lambda s: s.store.catalogue.add_architecture("bookworm", "amd64"),
        )
        self.set_chroot(there=True)

    def _add_builder(self, new: NewBuilder) -> int:
        added = self.read("add_builder", lambda s: s.store.catalogue.add_builder(new))
        return int(added.id)

    def _state_of(self, build: int) -> BuildState:
        found = self.twins.peek(lambda s: s.store.queue.find_build(build))
        return BuildState(found.summary.state)

    def _find_build(self, build: int) -> None:
        self.read(
            "find_build",
            lambda s: s.store.queue.find_build(s.number("build", build)),
        )

    def _pending_uploads(self, manager: str) -> None:
        self.read("pending_uploads", lambda s: s.store.uploads.pending_uploads(manager))


def _held(epochs: Mapping[int, int]) -> list[Held]:
    return [Held(*one) for one in sorted(epochs.items())]
