"""Do what a judgement orders, and tell people."""

from collections.abc import Mapping

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger, LogLevel

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import Builder, Lease
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment
from buildd_manager.ports import IBuildStore


@frozen
class Settling:
    """Carries rulings out, each in one transaction of the store."""

    _store: IBuildStore

    _log = Logger()

    def settle(
        self,
        builder: Builder,
        lease: Lease,
        assignment: Assignment | None,
        ruling: Ruling,
    ) -> Deferred[None]:
        """Carry a ruling out; what is told is told before, lest it is lost."""
        self._tell_of_job(builder, assignment, ruling)
        self._tell_of_builder(builder, ruling)
        attempt = None if assignment is None else assignment.attempt
        return self._store.settle(lease, attempt, ruling)

    def _tell_of_job(
        self, builder: Builder, assignment: Assignment | None, ruling: Ruling
    ) -> None:
        if assignment is None:
            self._log.warn(
                "{builder} failed with no job: {reason}",
                builder=builder.name,
                reason=ruling.reason,
            )
            return
        if ruling.cause is Cause.GIVEN_BACK:
            self._log.warn(
                "***** {cookie} is GIVENBACK by {builder} *****",
                cookie=str(assignment.cookie),
                builder=builder.name,
            )
        # A builder that has failed is told of below; nobody has if nobody is blamed.
        aloud = ruling.blamed and ruling.builder is not BuilderFate.FAIL
        self._log.emit(
            LogLevel.warn if aloud else LogLevel.info,
            "{builder}: {what} {cookie} ({title}), attempt {number}: {reason}",
            builder=builder.name,
            what=_WORDS[ruling.job],
            cookie=str(assignment.cookie),
            title=assignment.job.title,
            number=assignment.number,
            reason=ruling.reason,
            event=f"job-{ruling.job.value}",
            architecture=assignment.job.architecture,
            **_labels(builder, ruling),
        )

    def _tell_of_builder(self, builder: Builder, ruling: Ruling) -> None:
        if ruling.builder is BuilderFate.FAIL:
            self._log.warn(
                "***** {builder} has failed *****",
                builder=builder.name,
                event=f"builder-{ruling.builder.value}",
                **_labels(builder, ruling),
            )


def _labels(builder: Builder, ruling: Ruling) -> Mapping[str, object]:
    """Give whoever counts events something to count them by."""
    return {"cause": ruling.cause.value, "virtualized": builder.virtualized}


_WORDS = {
    JobFate.KEEP: "Leaving job",
    JobFate.REQUEUE: "Requeueing job",
    JobFate.FAIL: "Failing job",
    JobFate.CANCEL: "Cancelling job",
}
