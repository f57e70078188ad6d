"""launchpad-buildd workers, as our port wants them."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure
from zope.interface import implementer

from buildd_manager.adapters.worker import replies
from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.adapters.worker.fetching import Fetcher
from buildd_manager.adapters.worker.pace import Bounds
from buildd_manager.adapters.worker.xmlrpc import WorkerProxy
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import UntrustworthyError, WorkerFaultError
from buildd_manager.domain.files import is_sha1
from buildd_manager.domain.reports import Report
from buildd_manager.ports import IReceiver, IWorker, IWorkerFactory


@frozen(kw_only=True)
class Timeouts:
    """
    Seconds that a worker may take.

    :ivar call: Any call to a real builder, but for the next but one.
    :ivar call_virtual: Any such call to a virtual one.
    :ivar ensure_present: A call during which the worker fetches a file.
    :ivar idle: Silence while we fetch a file.
    :ivar slowest: Bytes in a second that come then at least, taken over so long.
    :ivar fetch: The whole of that.
    """

    call: float = 30.0
    call_virtual: float = 30.0
    ensure_present: float = 600.0
    idle: float = 60.0
    slowest: int = 16 * 1024
    fetch: float = 3600.0


@implementer(IWorkerFactory)
@frozen
class LaunchpadBuilddWorkers:
    """Reaches workers where builders say that they are."""

    _reactor: Any
    _timeouts: Timeouts

    def worker_of(self, builder: Builder) -> IWorker:
        times = self._timeouts
        call = times.call_virtual if builder.virtualized else times.call
        bounds = Bounds(idle=times.idle, slowest=times.slowest, total=times.fetch)
        return LaunchpadBuildd(
            WorkerProxy(builder.url, call, self._reactor),
            Fetcher(builder.url, bounds, self._reactor),
            times.ensure_present,
        )


@implementer(IWorker)
@frozen
class LaunchpadBuildd:
    """One launchpad-buildd: calls by XML-RPC, files by HTTP."""

    _proxy: WorkerProxy
    _fetcher: Fetcher
    _long: float

    def echo(self, *words: str) -> Deferred[Sequence[str]]:
        said = self._proxy.callRemote("echo", *words)
        return said.addCallback(replies.texts, "echo")

    def info(self) -> Deferred[tuple[str, str, tuple[str, ...]]]:
        return self._proxy.callRemote("info").addCallback(replies.info)

    def proxy_info(self) -> Deferred[Mapping[str, object]]:
        said = self._proxy.callRemote("proxy_info")
        return said.addCallback(replies.struct, "proxy_info")

    def status(self) -> Deferred[Report]:
        return self._proxy.callRemote("status").addCallback(replies.report)

    def ensure_present(
        self, sha1: str, url: str, username: str = "", password: str = ""
    ) -> Deferred[None]:
        said = self._ensure_present(sha1, url, username, password)
        if not (username or password):
            said.addErrback(self._ensure_present_in_2005, sha1, url)
        return said.addCallback(replies.check_present)

    def build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> Deferred[None]:
        said = self._proxy.callRemote(
            "build", cookie, tag, chroot, dict(files), dict(told)
        )
        return said.addCallback(replies.check_acknowledged, cookie)

    def abort(self) -> Deferred[None]:
        said = self._proxy.callRemote("abort")
        return said.addCallback(replies.check_status, "BuilderStatus.ABORTING", "abort")

    def clean(self) -> Deferred[None]:
        said = self._proxy.callRemote("clean")
        return said.addCallback(replies.check_status, "BuilderStatus.IDLE", "clean")

    def fetch_log(self, to: IReceiver, limit: int) -> Deferred[bool]:
        return self._fetcher.fetch("buildlog", to, limit, cut=True)

    def fetch_file(self, sha1: str, to: IReceiver, limit: int) -> Deferred[None]:
        if not is_sha1(sha1):
            return fail(UntrustworthyError("a SHA-1 that is none"))
        return self._fetcher.fetch(sha1, to, limit).addCallback(lambda _: None)

    def _ensure_present(self, *args: str) -> Deferred[Value]:
        return self._proxy.callRemote("ensurepresent", *args, timeout=self._long)

    def _ensure_present_in_2005(
        self, failure: Failure, sha1: str, url: str
    ) -> Deferred[Value]:
        """Workers of 2005 know no logins, and refuse a call that has one."""
        failure.trap(WorkerFaultError)
        return self._ensure_present(sha1, url)
