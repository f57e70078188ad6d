"""What becomes of attempts."""

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.stateful import rule
from twisted.internet.defer import Deferred

from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment, AttemptState
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.domain.uploads import UploadReport
from tests.machine.managing import Managing
from tests.machine.scene import which
from tests.machine.twins import Side


_S = BuildState

#: Where builds go, and what workers have said then.
ENDS: Mapping[BuildState, tuple[Verdict, Cause | None]] = {
    _S.UPLOADING: (Verdict.OK, None),
    _S.FULLY_BUILT: (Verdict.OK, None),
    _S.SUPERSEDED: (Verdict.OK, None),
    _S.FAILED_TO_BUILD: (Verdict.PACKAGEFAIL, Cause.PACKAGE),
    _S.MANUAL_DEP_WAIT: (Verdict.DEPFAIL, Cause.DEPENDENCY),
    _S.CHROOT_WAIT: (Verdict.CHROOTFAIL, Cause.CHROOT),
    _S.CANCELLED: (Verdict.ABORTED, Cause.CANCELLED),
}

#: Mostly success.
ends = st.sampled_from([_S.UPLOADING] * len(ENDS) + list(ENDS))


class Building(Managing):
    """Builds run, end, and are uploaded."""

    @rule(n=which, steps=st.integers(1, 8), end=ends)
    def go_on(self, n: int, steps: int, end: BuildState) -> None:
        """A manager does what comes next if nothing is in the way, again and again."""
        lease = self.lease(n)
        for _ in range(steps):
            if not self._step(lease, end):
                break

    @rule(n=which, steps=st.integers(1, 8))
    def go_well(self, n: int, steps: int) -> None:
        """The same; otherwise little would ever be built."""
        self.go_on(n=n, steps=steps, end=_S.UPLOADING)

    @rule(n=which, m=which)
    def acknowledge(self, n: int, m: int) -> None:
        """A worker has acknowledged a job, perhaps long ago."""
        lease = self.lease(n)
        self._started(lease, self.attempt(lease, m))

    @rule(n=which, m=which)
    def gather(self, n: int, m: int) -> None:
        """Results are about to be fetched, perhaps once more."""
        lease = self.lease(n)
        self._gathering(lease, self.attempt(lease, m))

    @rule(n=which, m=which, cause=st.sampled_from([Cause.CANCELLED, Cause.TIMEOUT]))
    def call_off(self, n: int, m: int, cause: Cause) -> None:
        """A worker was told to end its job, perhaps once more."""
        lease = self.lease(n)
        if m % 2:
            self.go_on(n=n, steps=m % 8, end=_S.UPLOADING)
        attempt = self.attempt(lease, m)

        def stopping(side: Side) -> Deferred[None]:
            number = side.number("attempt", attempt)
            return side.store.builds.stopping(side.lease(lease), number, cause)

        self.ask("stopping", stopping)

    @rule(n=which, m=which, tail=st.sampled_from(["", "gcc", "ld"]))
    def keep(self, n: int, m: int, tail: str) -> None:
        """The end of a log is remembered, and all of it is kept."""
        lease = self.lease(n)
        attempt = self.attempt(lease, m)

        def keep_tails(side: Side) -> Deferred[None]:
            return side.store.builds.keep_tails({side.number("attempt", attempt): tail})

        def keep_log(side: Side) -> Deferred[None]:
            number, log = side.number("attempt", attempt), side.file(self.files["log"])
            return side.store.builds.keep_log(side.lease(lease), number, log)

        self.ask("keep_tails", keep_tails)
        self.ask("keep_log", keep_log)

    @rule(n=which, m=which, state=ends, acquits=st.booleans())
    def record(self, n: int, m: int, state: BuildState, acquits: bool) -> None:
        """A result is recorded, perhaps too late, or once more."""
        lease = self.lease(n)
        self._record(lease, self.attempt(lease, m), state, acquits=acquits)

    @rule(n=which, ok=st.booleans())
    def upload(self, n: int, ok: bool) -> None:
        """An uploader has ended."""
        self._uploaded(self.any_of("attempt", n), ok=ok)

    # --- what comes next

    def _step(self, lease: Lease, end: BuildState) -> bool:
        """Take one step; tell whether there is another."""
        builder, assignment = self.peek(lease.builder)
        if assignment is not None:
            return self._step_of(lease, assignment, end)
        if builder.trial_due:
            return self.try_again(lease)
        if builder.manual or not builder.ok:
            return self.use(builder.name)
        if builder.clean is not CleanState.CLEAN:
            return self.set_clean(lease, CleanState.CLEAN)
        return self.claim(lease) or self._submit_for(builder)

    def _submit_for(self, builder: Builder) -> bool:
        version = str(10 + next(self.nonces))
        archive = "ppa" if builder.virtualized else "debian"
        self.have_submitted("a", version, archive, 0)
        return True

    def _step_of(self, lease: Lease, assignment: Assignment, end: BuildState) -> bool:
        attempt, end = assignment.attempt, _end(assignment, end)
        running = assignment.state is AttemptState.RUNNING
        if assignment.state is AttemptState.CLAIMED:
            self._started(lease, attempt)
        elif running and end is BuildState.UPLOADING:
            self._gathering(lease, attempt)
        else:
            self._record(lease, attempt, end, acquits=True)
            self._uploaded(attempt, ok=True)
            return False
        return True

    # --- questions

    def _started(self, lease: Lease, attempt: int) -> None:
        def started(side: Side) -> Deferred[None]:
            number = side.number("attempt", attempt)
            return side.store.builds.started(side.lease(lease), number)

        self.ask("started", started)

    def _gathering(self, lease: Lease, attempt: int) -> None:
        def gathering(side: Side) -> Deferred[None]:
            number = side.number("attempt", attempt)
            return side.store.builds.gathering(side.lease(lease), number)

        self.ask("gathering", gathering)

    def _record(
        self, lease: Lease, attempt: int, state: BuildState, *, acquits: bool
    ) -> None:
        verdict, cause = ENDS[state]
        deb = self.files["hello_1_amd64.deb"]

        def record(side: Side) -> Deferred[None]:
            result = Result(
                state=state,
                verdict=verdict,
                log=side.file(self.files["log"]),
                files=(side.file(deb),) if state is BuildState.UPLOADING else (),
                dependencies="a" if state is BuildState.MANUAL_DEP_WAIT else None,
                cause=cause,
                acquits=acquits,
            )
            number = side.number("attempt", attempt)
            return side.store.builds.record(side.lease(lease), number, result)

        self.ask("record", record)

    def _uploaded(self, attempt: int, *, ok: bool) -> None:
        report = UploadReport(ok, "done")
        self.ask(
            "uploaded",
            lambda s: s.store.uploads.uploaded(s.number("attempt", attempt), report),
        )


def _end(assignment: Assignment, end: BuildState) -> BuildState:
    """Tell where a build goes whose worker has built it, or not."""
    if assignment.cancelling:
        return BuildState.CANCELLED
    if end is not BuildState.UPLOADING:
        return end
    if assignment.canary:
        return BuildState.FULLY_BUILT
    return BuildState.SUPERSEDED if assignment.superseded else end
