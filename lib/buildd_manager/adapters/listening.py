"""A server on an endpoint, and the address by which it is reached."""

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.python.failure import Failure
from twisted.web.http import combinedLogFormatter, datetimeToLogString
from twisted.web.iweb import IAccessLogFormatter, IRequest
from twisted.web.server import Site
from zope.interface import provider

from buildd_manager.domain.errors import StartError


@provider(IAccessLogFormatter)
def dated_line(_: str, request: IRequest) -> str:
    """Log a request with the date: a reactor's seconds need not count from 1970."""
    line: str = combinedLogFormatter(datetimeToLogString(), request)
    return line


class Listener:
    """
    Serves ``site`` where the operator wants it.

    :param where: Twisted's words for an endpoint, such as
        ``tcp:8220:interface=127.0.0.1``.
    :param option: What the operator has to change if that cannot be had.
    """

    def __init__(self, reactor: object, where: str, option: str, site: Site) -> None:
        self._reactor = reactor
        self._where = where
        self._option = option
        self._site = site
        self._port: IListeningPort | None = None

    @property
    def url(self) -> str:
        """The address, without a final slash; only while it listens."""
        assert self._port is not None  # noqa: S101 - asked too early otherwise
        return _url(self._port.getHost())

    def start(self) -> Deferred[None]:
        """
        Listen.

        :raises StartError: If the place is taken, or is none.
        """
        return maybeDeferred(self._listen).addCallbacks(self._keep, self._excuse)

    def stop(self) -> Deferred[None] | None:
        """Listen no more."""
        if self._port is None:
            return None
        port, self._port = self._port, None
        return port.stopListening()

    def _listen(self) -> Deferred[IListeningPort]:
        endpoint = serverFromString(self._reactor, self._where)
        listening: Deferred[IListeningPort] = endpoint.listen(self._site)
        return listening

    def _keep(self, port: IListeningPort) -> None:
        self._port = port

    def _excuse(self, failure: Failure) -> None:
        raise StartError(
            f"{self._option} = {self._where}: {failure.getErrorMessage()};"
            " choose another place to listen on"
        ) from failure.value


def _url(address: IAddress) -> str:
    host, port = getattr(address, "host", "localhost"), getattr(address, "port", 80)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
