"""
What becomes of a builder that says something bad, and of what it builds.

RETRY
    The scan has failed, and nothing else; five in a row are one failure.
BLAME
    The attempt is over; builder and build have one failure each, and go on.
LOST
    The attempt is over, and only the builder has a failure.
REQUEUE
    The attempt is over, and nobody has a failure.
NOT STARTED
    As BLAME, where the worker was told to build.
UNSUITABLE
    The builder is out of use at once; its build waits, without a failure.
ISOLATE
    The builder is out of use at once; its build waits, with a failure.
FAIL
    The build has failed, and it is told why; the builder goes on.
"""

from collections.abc import Callable, Mapping

from attrs import frozen

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.queue import BuildDetail
from tests.bad_inputs import Case
from tests.services.scene import Scene


@frozen
class Affair:
    """
    A case, and what came of it.

    :ivar build: What the builder built, if anything.
    """

    scene: Scene
    case: Case
    builder: Builder
    build: BuildDetail | None

    def check(self) -> None:
        """See that it is what was wanted."""
        _CHECKS[self.case["outcome"]](self)

    def is_so(self, told: object, wanted: object) -> None:
        """See that something is as it is wanted."""
        self.scene.assertEqual(told, wanted, str(self.case))

    @property
    def failures(self) -> int:
        """Those that are counted against the build."""
        assert self.build is not None
        return self.scene.rows.builds[self.build.summary.id].failures

    def check_builder(self, failures: int, *, ok: bool = True) -> None:
        """See how the builder stands."""
        self.is_so((self.builder.ok, self.builder.failures), (ok, failures))
        if not ok:
            self.check_reason(self.builder.fail_notes)

    def check_attempt(self, cause: Cause, failures: int) -> None:
        """See how the first attempt has ended, and that nothing was handed over."""
        if self.build is None:
            return
        self.is_so(self.failures, failures)
        first = self.build.attempts[0]
        self.is_so(first.id in self.scene.uploader.landed, False)
        self.is_so((first.state, first.cause), (AttemptState.ABANDONED, cause))
        self.check_reason(first.outcome)

    def check_reason(self, told: str | None) -> None:
        """See that people are told why, in words that can be printed."""
        self.scene.assertIn(self.case.get("reason", ""), told or "", str(self.case))
        self.scene.assertTrue((told or "").isprintable(), str(self.case))

    def check_waits(self) -> None:
        """See that the build, if there is one, is left to other builders."""
        if self.build is not None:
            self.is_so(self.build.summary.state.is_final, False)
            others = {attempt.builder for attempt in self.build.attempts[1:]}
            self.is_so(self.builder.name in others, False)

    def check_built(self) -> None:
        """See that builder and build come to a good end, once there are no lies."""
        assert self.build is not None
        self.scene.scans(12)
        state = self.scene.state(self.build.summary.id)
        self.is_so(state, BuildState.FULLY_BUILT)


def _retry(affair: Affair) -> None:
    assert affair.build is not None
    affair.check_builder(failures=0)
    (attempt,) = affair.build.attempts
    affair.is_so(attempt.state, AttemptState.RUNNING)
    affair.is_so(affair.failures, 0)
    affair.check_built()


def _blame(affair: Affair) -> None:
    affair.check_builder(failures=1)
    affair.check_attempt(Cause.BAD_RESULT, failures=1)
    affair.check_built()


def _lost(affair: Affair) -> None:
    affair.check_builder(failures=1)
    affair.check_attempt(Cause.BUILDER_LOST, failures=0)
    affair.check_built()


def _requeue(affair: Affair) -> None:
    affair.check_builder(failures=0)
    affair.check_attempt(Cause.GIVEN_BACK, failures=0)
    affair.check_built()


def _not_started(affair: Affair) -> None:
    affair.check_builder(failures=1)
    affair.check_attempt(Cause.NOT_STARTED, failures=1)
    affair.check_built()


def _unsuitable(affair: Affair) -> None:
    affair.check_builder(failures=1, ok=False)
    affair.check_attempt(Cause.NOT_STARTED, failures=0)
    affair.check_waits()


def _isolate(affair: Affair) -> None:
    affair.check_builder(failures=1, ok=False)
    affair.check_attempt(Cause.ISOLATION, failures=1)
    affair.check_waits()


def _fail(affair: Affair) -> None:
    assert affair.build is not None
    affair.check_builder(failures=0)
    affair.is_so(affair.build.summary.state, BuildState.FAILED_TO_BUILD)
    (attempt,) = affair.build.attempts
    affair.is_so(attempt.state, AttemptState.RECORDED)
    affair.check_reason(attempt.outcome)
    affair.is_so(attempt.id in affair.scene.uploader.landed, False)


_CHECKS: Mapping[str, Callable[[Affair], None]] = {
    "retry": _retry,
    "blame": _blame,
    "lost": _lost,
    "requeue": _requeue,
    "not started": _not_started,
    "unsuitable": _unsuitable,
    "isolate": _isolate,
    "fail": _fail,
}
