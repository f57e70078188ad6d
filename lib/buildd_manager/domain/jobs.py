"""What is to be built, and what a worker is told about it."""

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

from buildd_manager.domain.causes import Cause
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.sources_list import Line


class AttemptState(Enum):
    """
    How far an attempt at a build has come.

    CLAIMED is written before the worker hears of the job, RUNNING once it has
    said that it builds just this one, GATHERING before results are fetched. An
    attempt ends RECORDED or ABANDONED, and only the first has a result.
    """

    CLAIMED = "claimed"
    RUNNING = "running"
    GATHERING = "gathering"
    RECORDED = "recorded"
    ABANDONED = "abandoned"


LIVE = frozenset({AttemptState.CLAIMED, AttemptState.RUNNING, AttemptState.GATHERING})


@frozen(kw_only=True)
class Job:
    """
    One source for one architecture of one series.

    :ivar suite: The series with the suffix of its pocket.
    :ivar purpose: launchpad-buildd's word for what its archive is for.
    :ivar archive_lines: ``sources.list`` for the chroot; ``None`` leaves its own.
    :ivar trusted_keys: Keys of the archives, in base64.
    :ivar private: Whether the worker is to keep secrets out of its log.
    :ivar chroot: The tarball to build in.
    :ivar files: The ``.dsc`` and all that it lists.
    """

    source: str
    version: str
    distribution: str
    series: str
    suite: str
    component: str
    architecture: str
    arch_indep: bool
    archive_lines: tuple[Line, ...] | None
    chroot: StoredFile
    files: tuple[StoredFile, ...]
    purpose: str = "PRIMARY"
    trusted_keys: tuple[str, ...] = ()
    private: bool = False
    debug_symbols: bool = False
    resources: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What the worker is told, and nobody is to see in a log."""
        lines = self.archive_lines or ()
        return tuple(secret for line in lines for secret in line.secrets())

    @property
    def title(self) -> str:
        """The job in words, as people know it."""
        return f"{self.architecture} build of {self.source} {self.version}"


@frozen
class Stopping:
    """
    A build was called off: its worker was told to end it.

    :ivar since: Seconds ago.
    """

    cause: Cause
    since: float


@frozen
class Limit:
    """
    What is known of how long something may take.

    :ivar said: Seconds, as somebody has said; else it is learned.
    :ivar longest: Seconds, of the last successes of the same source.
    """

    said: float | None = None
    longest: float | None = None


@frozen(kw_only=True)
class Assignment:
    """
    An attempt that is under way on a builder.

    :ivar number: Which attempt it is since the build was queued, from 1 on.
    :ivar failures: Counted failures of the build since then.
    :ivar canary: Whether it is a known good build, to try the builder.
    :ivar cancelling: Whether people want it no more.
    :ivar superseded: Whether its source is no longer wanted.
    :ivar running: Seconds since the worker has acknowledged it.
    :ivar tail: The end of its log, as it was when it was last remembered.
    :ivar silent: Seconds since that has changed, as far as anybody has looked.
    :ivar wall: How long it may take.
    :ivar silence: How long it may be silent.
    """

    attempt: int
    cookie: Cookie
    state: AttemptState
    job: Job
    number: int = 1
    failures: int = 0
    canary: bool = False
    cancelling: bool = False
    superseded: bool = False
    stopping: Stopping | None = None
    running: float = 0.0
    tail: str | None = None
    silent: float = 0.0
    wall: Limit = Limit()
    silence: Limit = Limit()


#: launchpad-buildd's word for building a Debian source package.
TAG = "binarypackage"


def instructions(
    job: Job, build_url: str, *, fast_cleanup: bool = False
) -> Mapping[str, object]:
    """
    Compose the arguments of launchpad-buildd's ``build``.

    ``series``, ``suite``, ``ogrecomponent`` and, for older ones, ``distribution``
    are needed: without them a worker wedges. ``archives`` is left out rather than
    sent empty, which would empty the chroot's own list.

    :param fast_cleanup: Whether the machine is made anew anyway.
    """
    told: dict[str, object] = {
        "distribution": job.distribution,
        "series": job.series,
        "suite": job.suite,
        "ogrecomponent": job.component,
        "arch_tag": job.architecture,
        "arch_indep": job.arch_indep,
        "archive_purpose": job.purpose,
        "archive_private": job.private,
        "build_debug_symbols": job.debug_symbols,
        "builder_constraints": list(job.resources),
        "fast_cleanup": fast_cleanup,
        "image_type": "chroot",
        "build_url": build_url,
    }
    if job.archive_lines is not None:
        told["archives"] = [line.text() for line in job.archive_lines]
    if job.trusted_keys:
        told["trusted_keys"] = list(job.trusted_keys)
    return told
