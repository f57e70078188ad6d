"""A launchpad-buildd in memory: its states, its answers and its quirks."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime

from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.domain.errors import WorkerFaultError
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.buildd_plans import Job, Plan, Planner


IDLE = "BuilderStatus.IDLE"
BUILDING = "BuilderStatus.BUILDING"
ABORTING = "BuilderStatus.ABORTING"
WAITING = "BuilderStatus.WAITING"

TAGS = ("binarypackage",)

#: Without these, a job begins and never ends.
NEEDED = frozenset({"series", "suite", "ogrecomponent"})

#: Bytes of the end of the log that a status shows.
TAIL = 2048

#: How the build ended, where the results are told, too.
_WITH_FILES = frozenset({Verdict.OK, Verdict.PACKAGEFAIL, Verdict.DEPFAIL})


def error() -> WorkerFaultError:
    """Make the one fault that it knows."""
    return WorkerFaultError(8002, "error")


def nowhere(url: str) -> Deferred[bytes]:
    """Get nothing, as where there is no network."""
    return fail(OSError(f"there is no way to {url}"))


class SimulatedBuildd:
    """
    What launchpad-buildd does, on a clock of the caller's.

    Nothing happens by itself: what has happened meanwhile is found out by each call.

    :param plan_of: Tells what becomes of a job.
    :param fetch: Gets what is at an address, which may have name and password in it.
    :param version: What it says that its own is.
    :ivar cache: Its files, by their SHA-1.
    :ivar begun: The names of all jobs that really began, in order.
    """

    def __init__(
        self,
        clock: IReactorTime,
        plan_of: Planner = lambda _: Plan(),
        fetch: Callable[[str], Deferred[bytes]] = nowhere,
        architecture: str = "amd64",
        version: str | None = None,
    ) -> None:
        self.cache: dict[str, bytes] = {}
        self.begun: list[str] = []
        self._clock = clock
        self._plan_of = plan_of
        self._fetch = fetch
        self._architecture = architecture
        self._version = version
        self.restart()

    def restart(self) -> None:
        """End it and start it again: it keeps its files and forgets its job."""
        self._state = IDLE
        self._name = ""
        self._job: Job | None = None
        self._emptied = 0
        self._outcome: dict[str, Value] = {}
        self._results: Mapping[str, str] = {}

    def reset(self) -> None:
        """Make its machine anew: it has nothing and knows nothing."""
        self.restart()
        self.cache.clear()

    # --- what it is asked

    def info(self) -> list[Value]:
        """Tell the protocol's version, the architecture, and the build tags."""
        return ["1.0", self._architecture, list(TAGS)]

    def status(self) -> dict[str, Value]:
        """Tell what it is doing."""
        self._catch_up()
        said: dict[str, Value] = {"builder_status": self._state}
        if self._version is not None:
            said["builder_version"] = self._version
        if self._state != IDLE:
            said["build_id"] = self._name
        if self._state == BUILDING:
            said["logtail"] = self._log(TAIL)
        return {**said, **self._outcome}

    def log(self) -> bytes | None:
        """Give its log, if it has one."""
        self._catch_up()
        return None if self._job is None else self._log()

    # --- what it is told

    async def ensure_present(
        self, sha1: str, url: str | None, username: str = "", password: str = ""
    ) -> list[Value]:
        """Get the file of this sum, unless it is there; let in by name and password."""
        info = "No URL"
        if url is not None:
            info = "Cache"
            if sha1 not in self.cache:
                info = await self._get(sha1, _with_login(url, username, password))
        return [sha1 in self.cache, info]

    def build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> list[Value]:
        """Begin a job, and answer with its name."""
        if tag not in TAGS:
            return ["BuilderStatus.UNKNOWNBUILDER", f"{tag} not in {list(TAGS)}"]
        if chroot not in self.cache:
            return ["BuilderStatus.UNKNOWNSUM", f"CHROOTSUM -> {chroot}"]
        for sha1 in files.values():
            if sha1 not in self.cache:
                return ["BuilderStatus.UNKNOWNSUM", f"FILESUM -> {sha1}"]
        if not cookie:
            raise error()
        self._catch_up()
        # The job that runs is given the new name, and loses its log, before it is
        # found out that there is one.
        self._name = cookie
        self._emptied = self._logged()
        if self._state != IDLE:
            raise error()
        self._begin(cookie, whole=_has_dsc(files) and told.keys() >= NEEDED)
        return [BUILDING, cookie]

    def abort(self) -> str:
        """Begin to end the job."""
        self._catch_up()
        if self._state not in {BUILDING, ABORTING}:
            raise error()
        if self._job is not None and self._state == BUILDING:
            self._job.aborted = self._clock.seconds()
        self._state = ABORTING
        return ABORTING

    def clean(self) -> str:
        """Forget the job that has ended, and its results."""
        self._catch_up()
        if self._state != WAITING:
            raise error()
        for sha1 in set(self._results.values()):
            self.cache.pop(sha1, None)
        self.restart()
        return IDLE

    # --- what happens in it

    async def _get(self, sha1: str, url: str) -> str:
        try:
            data = await self._fetch(url)
        except Exception as reason:  # noqa: BLE001 - as launchpad-buildd does
            return f"Error accessing Librarian: {reason}"
        if _sha1(data) != sha1:
            return "Digests did not match, removing again!"
        self.cache[sha1] = data
        return "Download"

    def _begin(self, cookie: str, *, whole: bool) -> None:
        self._state = BUILDING
        self._emptied = 0
        plan = self._plan_of(cookie) if whole else None
        self._job = Job(cookie, plan, self._clock.seconds())
        if plan is None:
            raise error()
        self.begun.append(cookie)

    def _catch_up(self) -> None:
        """Let what is due by now have happened."""
        if self._job is None or self._state == WAITING:
            return
        ending = self._job.ending()
        if ending is not None and self._clock.seconds() >= ending[0]:
            self._end(self._job, ending[1])

    def _end(self, job: Job, verdict: Verdict) -> None:
        self._state = WAITING
        self._outcome = {"build_status": verdict.value}
        if verdict is Verdict.OK:
            self._results = self._keep(job.results())
        if verdict in _WITH_FILES:
            self._outcome["filemap"] = dict(self._results)
            self._outcome["dependencies"] = job.dependencies

    def _keep(self, results: Mapping[str, bytes]) -> Mapping[str, str]:
        sums = {name: _sha1(data) for name, data in results.items()}
        self.cache.update({sums[name]: data for name, data in results.items()})
        return sums

    def _logged(self) -> int:
        return self._job.logged(self._clock.seconds()) if self._job else 0

    def _log(self, tail: int | None = None) -> bytes:
        end = self._logged()
        start = self._emptied if tail is None else max(self._emptied, end - tail)
        return self._job.log(start, end) if self._job else b""


def _has_dsc(files: Sequence[str] | Mapping[str, str]) -> bool:
    return any(name.endswith(".dsc") for name in files)


def _with_login(url: str, username: str, password: str) -> str:
    if not (username or password):
        return url
    return url.replace("://", f"://{quote(username)}:{quote(password)}@", 1)


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
