"""What is to be built, and what a worker is told about it."""

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.files import StoredFile


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
    :ivar archive_lines: ``sources.list`` for the chroot; ``None`` leaves its own.
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
    archive_lines: tuple[str, ...] | None
    chroot: StoredFile
    files: tuple[StoredFile, ...]

    @property
    def title(self) -> str:
        """The job in words, as people know it."""
        return f"{self.architecture} build of {self.source} {self.version}"


@frozen(kw_only=True)
class Assignment:
    """An attempt that is under way on a builder."""

    attempt: int
    cookie: Cookie
    state: AttemptState
    job: Job


#: launchpad-buildd's word for building a Debian source package.
TAG = "binarypackage"


def instructions(job: Job, build_url: str) -> Mapping[str, object]:
    """
    Compose the arguments of launchpad-buildd's ``build``.

    ``series``, ``suite``, ``ogrecomponent`` and, for older ones, ``distribution``
    are needed: without them a worker wedges. ``archives`` is left out rather than
    sent empty, which would empty the chroot's own list.
    """
    told: dict[str, object] = {
        "distribution": job.distribution,
        "series": job.series,
        "suite": job.suite,
        "ogrecomponent": job.component,
        "arch_tag": job.architecture,
        "arch_indep": job.arch_indep,
        "archive_purpose": "PRIMARY",
        "archive_private": False,
        "build_debug_symbols": False,
        "builder_constraints": [],
        "image_type": "chroot",
        "build_url": build_url,
    }
    if job.archive_lines is not None:
        told["archives"] = list(job.archive_lines)
    return told
