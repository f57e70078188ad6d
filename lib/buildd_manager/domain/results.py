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


#: How the file is called that lists all others.
MANIFEST = ".changes"


@frozen
class Conclusive:
    """
    The build has come to ``state``: log, and files if there are any, are kept.

    :ivar cause: Why, if that is not for the log to tell.
    :ivar fault: In words, if the worker's verdict does not say it.
    """

    state: BuildState
    cause: Cause | None = None
    fault: str | None = None


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
    failed = BuildState.FAILED_TO_BUILD
    if finished.verdict is Verdict.DEPFAIL:
        try:
            parse(finished.dependencies)
        except UnparsableDependenciesError as error:
            return Conclusive(failed, Cause.DEPENDENCY, str(error))
    if finished.verdict is Verdict.OK and not any(
        name.endswith(MANIFEST) for name in finished.files
    ):
        return Conclusive(failed, Cause.PACKAGE, "no packages produced: no .changes")
    return _MEANINGS[finished.verdict]


@frozen(kw_only=True)
class Result:
    """
    All that is recorded of a finished attempt, in one transaction.

    :ivar state: Where the build goes.
    :ivar dependencies: What is missing, for MANUAL_DEP_WAIT only.
    :ivar files: The results; empty but for UPLOADING.
    :ivar cause: Why, unless it is a success.
    :ivar fault: Why, in words, if the verdict does not say it.
    :ivar acquits: Whether this shows that the builder is well: its failures are
        forgotten, and its trial, if it is on trial, is over.
    """

    state: BuildState
    verdict: Verdict
    log: StoredFile
    files: tuple[StoredFile, ...] = ()
    dependencies: str | None = None
    cause: Cause | None = None
    fault: str | None = None
    acquits: bool = True

    @property
    def outcome(self) -> str:
        """How the attempt has ended, in words."""
        return self.fault or self.verdict.value
