"""Workers as a manager sees them: at the other end of a network."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen
from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import BadFileError
from buildd_manager.domain.reports import Report
from buildd_manager.ports import IReceiver, IWorker, IWorkerFactory
from buildd_manager.testing.buildd_worker import SimulatedWorker
from tests.simulation.faults import Fault
from tests.simulation.machines import Machine
from tests.simulation.network import Call, Network
from tests.simulation.rules.effects import Effects
from tests.simulation.seats import Seat


#: Seconds that a worker may take to fetch a file, and seconds of silence of ours.
_FETCHING = 600.0
_IDLE = 60.0


@implementer(IWorkerFactory)
@frozen(eq=False)
class Workers:
    """Reaches workers from where a manager sits."""

    _seat: Seat
    _network: Network
    _machines: Mapping[str, Machine]
    _effects: Effects

    def worker_of(self, builder: Builder) -> IWorker:
        machine = self._machines[builder.name]
        return _Distant(self._seat, self._network, machine, self._effects)


@implementer(IReceiver)
@frozen(eq=False)
class _Bucket:
    """What is on its way."""

    _pieces: list[bytes] = field(factory=list)

    def write(self, data: bytes) -> Deferred[None]:
        self._pieces.append(data)
        return succeed(None)

    @property
    def content(self) -> bytes:
        """All of it."""
        return b"".join(self._pieces)


@implementer(IWorker)
@frozen(eq=False)
class _Distant:
    """A worker far away."""

    _seat: Seat
    _network: Network
    _machine: Machine
    _effects: Effects

    def echo(self, *words: str) -> Deferred[Sequence[str]]:
        return self._carry("echo", lambda: self._near.echo(*words))

    def info(self) -> Deferred[tuple[str, str, tuple[str, ...]]]:
        return self._carry("info", self._near.info)

    def proxy_info(self) -> Deferred[Mapping[str, object]]:
        return self._carry("proxy_info", self._near.proxy_info)

    def status(self) -> Deferred[Report]:
        return self._carry("status", self._near.status)

    def ensure_present(
        self, sha1: str, url: str, username: str = "", password: str = ""
    ) -> Deferred[None]:
        self._effects.check(self._seat, self._machine.name, "ensure_present")
        call = Call(
            name=f"ensure_present {url}",
            do=lambda: self._near.ensure_present(sha1, url, username, password),
            patience=_FETCHING,
        )
        return self._network.carry(self._seat, self._machine, call)

    def build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> Deferred[None]:
        self._effects.check(self._seat, self._machine.name, "build", cookie)
        return self._carry(
            f"build {cookie}",
            lambda: self._near.build(cookie, tag, chroot, files, told),
        )

    def abort(self) -> Deferred[None]:
        self._effects.check(self._seat, self._machine.name, "abort")
        return self._carry("abort", self._near.abort)

    def clean(self) -> Deferred[None]:
        self._effects.check(self._seat, self._machine.name, "clean")
        return self._carry("clean", self._near.clean)

    def fetch_log(self, to: IReceiver, limit: int) -> Deferred[bool]:
        return self._fetch("log", lambda into: self._near.fetch_log(into, limit), to)

    def fetch_file(self, sha1: str, to: IReceiver, limit: int) -> Deferred[None]:
        return self._fetch(
            sha1, lambda into: self._near.fetch_file(sha1, into, limit), to
        )

    @property
    def _near(self) -> SimulatedWorker:
        return SimulatedWorker(self._machine)

    def _carry(self, name: str, do: Callable[[], Deferred[Any]]) -> Deferred[Any]:
        return self._network.carry(self._seat, self._machine, Call(name=name, do=do))

    def _fetch(
        self, name: str, fetch: Callable[[IReceiver], Deferred[Any]], to: IReceiver
    ) -> Deferred[Any]:
        bucket = _Bucket()
        call = Call(
            name=f"fetch {name}",
            do=lambda: fetch(bucket),
            patience=_IDLE,
            silence=BadFileError,
        )
        carried = self._network.carry(self._seat, self._machine, call)
        return carried.addCallback(
            lambda said: Deferred.fromCoroutine(self._pour(said, bucket.content, to))
        )

    async def _pour(self, said: object, content: bytes, to: IReceiver) -> object:
        """Hand a file on that has arrived, if all of it has."""
        chance = self._network.chance
        if chance.strikes(Fault.CUT):
            await to.write(content[: len(content) // 2])
            raise BadFileError("the connection was lost")
        if said is None and chance.strikes(Fault.GARBLE):
            content = b"?" + content[1:]
        await to.write(content)
        return said
