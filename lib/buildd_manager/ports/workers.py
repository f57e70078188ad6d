"""Workers as we would like them, and who takes what they send."""

from collections.abc import Mapping, Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.reports import Report


class IReceiver(Interface):
    """Somebody who takes bytes as they come."""

    def write(data: bytes) -> Deferred[None]:
        """Take ``data``; no more is sent until the Deferred has fired."""


class IWorker(Interface):
    """
    One worker of the farm, seen from here.

    :raises WorkerUnreachableError: By every call, if there is no answer in time.
    :raises WorkerFaultError: By every call, if the answer is a fault.
    :raises BadReplyError: By every call, if the answer is none that a worker gives;
        a :class:`NonsenseError` or :class:`UntrustworthyError` if that is no accident.
    """

    def echo(*words: str) -> Deferred[Sequence[str]]:
        """Have the worker repeat ``words``."""

    def info() -> Deferred[tuple[str, str, tuple[str, ...]]]:
        """Ask for the protocol's version, the architecture, and the build tags."""

    def proxy_info() -> Deferred[Mapping[str, object]]:
        """Ask for the proxy of the running build; few kinds of build have one."""

    def status() -> Deferred[Report]:
        """Ask the worker what it is doing."""

    def ensure_present(
        sha1: str, url: str, username: str = "", password: str = ""
    ) -> Deferred[None]:
        """
        Have the worker fetch a file into its cache, unless it is there.

        The worker answers nothing else meanwhile.

        :raises NotStartedError: If it could not get the file; gives its reason.
        """

    def build(
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> Deferred[None]:
        """
        Have the worker build; all files were made present before.

        Fires only if the worker has acknowledged just this cookie. After any
        failure nothing is known of what the worker does now.

        :param chroot: SHA-1 of the chroot.
        :param files: SHA-1 of each source file by its name.
        :raises UnsuitableError: If it does not build what is of this kind.
        :raises UnknownSumError: If it says that it lacks one of the files.
        :raises NotStartedError: If it answers anything else.
        """

    def abort() -> Deferred[None]:
        """Have the worker end what it builds; it will say Aborting for a while."""

    def clean() -> Deferred[None]:
        """Have the worker forget what it has finished."""

    def fetch_log(to: IReceiver, limit: int) -> Deferred[bool]:
        """
        Fetch the log; ``True`` if it was cut after ``limit`` bytes.

        :raises BadFileError: If it is too slow or ends too early.
        """

    def fetch_file(sha1: str, to: IReceiver, limit: int) -> Deferred[None]:
        """
        Fetch a result; the receiver's owner checks its sum.

        :raises BadFileError: If it is larger than ``limit``, too slow, or ends
            too early.
        """


class IWorkerFactory(Interface):
    """Where workers come from."""

    def worker_of(builder: Builder) -> IWorker:
        """Give the worker of ``builder``; nothing is sent to it yet."""
