"""A simulated launchpad-buildd on the network, in today's words or in 2005's."""

import warnings
from collections.abc import Mapping, Sequence
from enum import Enum
from xmlrpc.client import Binary

from twisted.internet.defer import Deferred
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site
from twisted.web.static import Data

from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.domain.errors import WorkerFaultError
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.buildd import SimulatedBuildd, error


with warnings.catch_warnings():
    # It warns of its own base class when it is imported.
    warnings.filterwarnings("ignore", "twisted.web.http.HTTPClient", DeprecationWarning)
    from twisted.web.xmlrpc import XMLRPC, Fault


class Dialect(Enum):
    """
    How a worker speaks.

    TODAY's statuses are structs. In 2005 they were lists, a build that was called off
    ended in a state of its own, and ``ensurepresent`` took two arguments and answered
    with a boolean.
    """

    TODAY = "today"
    IN_2005 = "2005"


def buildd_site(buildd: SimulatedBuildd, dialect: Dialect = Dialect.TODAY) -> Site:
    """Serve ``buildd`` as launchpad-buildd is: calls below rpc, files in filecache."""
    root = Resource()
    root.putChild(b"rpc", _Calls(buildd, dialect))
    root.putChild(b"filecache", _FileCache(buildd))
    return Site(root)


class _FileCache(Resource):
    """The files, and the log."""

    def __init__(self, buildd: SimulatedBuildd) -> None:
        super().__init__()
        self._buildd = buildd

    def getChild(self, path: bytes, request: Request) -> IResource:  # noqa: ARG002
        name = path.decode("ascii", "replace")
        if name == "buildlog":
            data = self._buildd.log()
        else:
            data = self._buildd.cache.get(name)
        return notFound() if data is None else Data(data, "text/html")


class _Calls(XMLRPC):
    """The calls, in either dialect."""

    def __init__(self, buildd: SimulatedBuildd, dialect: Dialect) -> None:
        super().__init__(allowNone=True)
        self._buildd = buildd
        self._is_old = dialect is Dialect.IN_2005

    def xmlrpc_echo(self, *words: object) -> Sequence[object]:
        return words

    def xmlrpc_info(self) -> Sequence[Value]:
        return self._buildd.info()

    def xmlrpc_status(self) -> object:
        said = self._buildd.status()
        return _in_2005(said) if self._is_old else _today(said)

    def xmlrpc_ensurepresent(
        self, sha1: str, url: str, *login: str
    ) -> Deferred[object]:
        if len(login) != (0 if self._is_old else 2):
            raise _fault(error())
        said = Deferred.fromCoroutine(self._buildd.ensure_present(sha1, url, *login))
        return said.addCallback(lambda answer: answer[0] if self._is_old else answer)

    def xmlrpc_build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> Sequence[Value]:
        try:
            return self._buildd.build(cookie, tag, chroot, files, told)
        except WorkerFaultError as refusal:
            raise _fault(refusal) from refusal

    def xmlrpc_abort(self) -> str:
        try:
            return self._buildd.abort()
        except WorkerFaultError as refusal:
            raise _fault(refusal) from refusal

    def xmlrpc_clean(self) -> str:
        try:
            return self._buildd.clean()
        except WorkerFaultError as refusal:
            raise _fault(refusal) from refusal


def _fault(refusal: WorkerFaultError) -> Fault:
    return Fault(refusal.code, refusal.text)


def _today(said: Mapping[str, Value]) -> object:
    return {
        key: Binary(value) if isinstance(value, bytes) else value
        for key, value in said.items()
    }


def _in_2005(said: Mapping[str, Value]) -> object:
    if said.get("build_status") == Verdict.ABORTED.value:
        return ["BuilderStatus.ABORTED", said["build_id"]]
    keys = ("builder_status", "build_status", "build_id", "filemap", "dependencies")
    told = [said[key] for key in keys if key in said]
    if isinstance(tail := said.get("logtail"), bytes):
        told.append(tail.decode("ascii", "replace"))
    return told
