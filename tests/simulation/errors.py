"""Errors that nobody has foreseen: each is a defect of somebody's."""

from typing import cast

from twisted.internet.defer import CancelledError
from twisted.logger import ILogObserver, LogEvent, globalLogBeginner
from twisted.python.failure import Failure

from buildd_manager.domain.errors import BuilddManagerError
from tests.simulation.diary import Diary


class Errors:
    """
    Listens to what is logged, and writes down what should not be.

    :ivar diary: Of the world that runs just now.
    """

    def __init__(self) -> None:
        self.diary: Diary | None = None

    def listen(self) -> None:
        """Take everything that is logged in this process."""
        globalLogBeginner.beginLoggingTo(
            [cast("ILogObserver", self.hear)],
            redirectStandardIO=False,
            discardBuffer=True,
        )

    def hear(self, event: LogEvent) -> None:
        """Look for failures that are none of the farm's."""
        failure = event.get("log_failure")
        if self.diary is None or not isinstance(failure, Failure):
            return
        unhandled = event.get("log_namespace") == "twisted.internet.defer"
        if unhandled or not failure.check(BuilddManagerError, CancelledError):
            where = failure.getTracebackObject()
            self.diary.violate(
                "error", f"{type(failure.value).__name__}: {failure.value}"
            )
            self.diary.note(failure.getTraceback() if where else "")
