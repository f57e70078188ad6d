"""What a finished build means, for every verdict of a worker."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from attrs import frozen

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.dependencies import UnparsableDependenciesError, parse
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.reports import Verdict, Waiting


@frozen
class Conclusive:
    """The build has come to ``state``: log, and files if there are any, are kept."""

    state: BuildState


@frozen
class Inconclusive:
    """Nothing is known of the build: it goes back to the queue."""

    cause: Cause
    reason: str


@frozen
class BuilderBroken:
    """The builder is out of order; its build goes back to the queue."""

    notes: str


Meaning: TypeAlias = Conclusive | Inconclusive | BuilderBroken

_MEANINGS: Mapping[Verdict, Meaning] = MappingProxyType(
    {
        Verdict.OK: Conclusive(BuildState.UPLOADING),
        Verdict.PACKAGEFAIL: Conclusive(BuildState.FAILED_TO_BUILD),
        Verdict.DEPFAIL: Conclusive(BuildState.MANUAL_DEP_WAIT),
        Verdict.CHROOTFAIL: Conclusive(BuildState.CHROOT_WAIT),
        Verdict.BUILDERFAIL: BuilderBroken(
            "Builder returned BUILDERFAIL when asked for its status"
        ),
        Verdict.GIVENBACK: Inconclusive(Cause.GIVEN_BACK, "the worker gave it back"),
        Verdict.ABORTED: Inconclusive(Cause.ABORTED, "it was aborted"),
    }
)


def meaning(finished: Waiting) -> Meaning:
    """
    Tell what a finished build means.

    A success without a ``.changes`` has produced nothing that could be uploaded:
    the build has failed. So has one that lacks what nobody can read: it would wait
    for ever.
    """
    if finished.verdict is Verdict.DEPFAIL and not _is_readable(finished.dependencies):
        return Conclusive(BuildState.FAILED_TO_BUILD)
    if finished.verdict is Verdict.OK and not any(
        name.endswith(".changes") for name in finished.files
    ):
        return Conclusive(BuildState.FAILED_TO_BUILD)
    return _MEANINGS[finished.verdict]


def _is_readable(dependencies: str) -> bool:
    try:
        parse(dependencies)
    except UnparsableDependenciesError:
        return False
    return True


@frozen(kw_only=True)
class Result:
    """
    All that is recorded of a finished attempt, in one transaction.

    :ivar state: Where the build goes.
    :ivar dependencies: What is missing, for MANUAL_DEP_WAIT only.
    :ivar files: The results; empty but for UPLOADING.
    :ivar cause: Why, unless it is a success.
    :ivar acquits: Whether this shows that the builder is well: its failures are
        forgotten, and its trial, if it is on trial, is over.
    """

    state: BuildState
    verdict: Verdict
    log: StoredFile
    files: tuple[StoredFile, ...] = ()
    dependencies: str | None = None
    cause: Cause | None = None
    acquits: bool = True
