"""Have failed scans judged, once there were enough of them in a row."""

from collections.abc import Callable

from attrs import define
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.accusing import Accusation, accuse
from buildd_manager.domain.blame import Case, judge
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import BuilddManagerError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.policy import Policy
from buildd_manager.ports import IBuildStore
from buildd_manager.services.settling import Settling
from buildd_manager.services.visits import Tenure
from buildd_manager.services.weather import Weather


@define
class Judging:
    """
    Watches the scans of one builder.

    The streak of failures is all that is remembered from scan to scan, and it is no
    loss: a manager that starts again is patient again.

    :ivar _streak: Scans that have failed one after the other.
    """

    _builder: int
    _store: IBuildStore
    _settling: Settling
    _tenure: Tenure
    _weather: Weather
    _policy: Policy
    _streak: int = 0

    _log = Logger()

    def watch(self, scan: Callable[[], Deferred[None]]) -> Deferred[None]:
        """Scan, and have it judged if it fails; fails only if that does."""
        scanned = maybeDeferred(scan)
        return scanned.addCallbacks(lambda _: self.passed(), self.failed)

    def survive(self, failure: Failure) -> None:
        """Log why nothing was judged: the one place where every error may end."""
        self._log_failure("builder {builder} was not judged", failure)

    def leave(self) -> None:
        """Be told that the builder is scanned no more."""
        self._weather.forget(self._builder)

    def passed(self) -> None:
        """Be told that a scan has ended well."""
        self._streak = 0
        self._weather.note(self._builder, failing=False)

    def failed(self, failure: Failure) -> Deferred[None]:
        """Be told that a scan has failed."""
        if failure.check(CancelledError):
            self._log.info(
                "scan of builder {builder} was cut short", builder=self._builder
            )
            return succeed(None)
        self._log_failure("scan of builder {builder} failed", failure)
        assert failure.value is not None  # noqa: S101 - something has failed
        accusation = accuse(failure.value, self._policy)
        if accusation is None:
            return succeed(None)
        self._streak += 1
        self._weather.note(self._builder, failing=True)
        if self._streak < accusation.patience or self._weather.is_foul:
            return succeed(None)
        self._streak = 0
        looked = self._store.look(self._builder)
        return looked.addCallback(self._judge, accusation, failure.getErrorMessage())

    def _judge(
        self, known: tuple[Builder, Assignment | None], accused: Accusation, why: str
    ) -> Deferred[None]:
        builder, assignment = known
        if not builder.ok:
            return succeed(None)
        case = Case(
            offence=accused.offence,
            cause=accused.cause,
            reason=why,
            builder=builder,
            assignment=assignment,
        )
        ruling = judge(case, self._policy)
        return self._settling.settle(builder, self._tenure.lease(), assignment, ruling)

    def _log_failure(self, what: str, failure: Failure) -> None:
        """Tell what has failed: with a traceback, unless it is an error of ours."""
        if failure.check(BuilddManagerError):
            why = failure.getErrorMessage()
            self._log.warn(f"{what}: {{error}}", builder=self._builder, error=why)
        else:
            self._log.failure(what, failure, builder=self._builder)
