"""Who does what, in memory."""

from collections.abc import Mapping

from attrs import evolve, frozen
from zope.interface import implementer

from buildd_manager.domain.blame import Ruling
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import NotFoundError, OvertakenError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import LIVE, Assignment, AttemptState
from buildd_manager.domain.origins import Origin
from buildd_manager.domain.results import Result
from buildd_manager.ports import IBuildStore
from buildd_manager.testing import claiming, ending, leases, origins
from buildd_manager.testing.assignments import assignment
from buildd_manager.testing.ending import live_attempt
from buildd_manager.testing.leases import fence
from buildd_manager.testing.rows import Rows, promised


_UNDER_WAY = frozenset({BuildState.BUILDING, BuildState.GATHERING})
_STARTED = frozenset({BuildState.BUILDING, BuildState.CANCELLING})


@implementer(IBuildStore)
@frozen
class MemoryBuildStore:
    """Who does what, in memory."""

    rows: Rows

    @promised
    def register(self, manager: str, name: str, version: str) -> Mapping[int, int]:
        self.rows.managers[manager] = f"{name} {version}"
        return leases.held(self.rows, manager)

    @promised
    def lease(self, manager: str, seconds: float) -> Mapping[int, int]:
        return leases.lease(self.rows, manager, seconds)

    @promised
    def release(self, manager: str, epochs: Mapping[int, int]) -> None:
        leases.release(self.rows, manager, epochs)

    @promised
    def look(self, builder: int) -> tuple[Builder, Assignment | None]:
        rows = self.rows
        if (row := rows.builders.get(builder)) is None:
            raise NotFoundError("builder", f"there is no builder {builder}", "add it")
        live = rows.live_attempt(builder)
        building = None if live is None else assignment(rows, live)
        return rows.as_of_now(row), building

    @promised
    def origin_of(self, builder: int, name: str) -> Origin:
        return origins.origin_of(self.rows, builder, name)

    @promised
    def introduce(self, lease: Lease, version: str | None) -> None:
        row = fence(self.rows, lease)
        row.value = evolve(row.value, introduced=True, version=version)

    @promised
    def claim(self, lease: Lease, nonce: str) -> Assignment | None:
        fence(self.rows, lease)
        return claiming.claim(self.rows, lease, nonce)

    @promised
    def started(self, lease: Lease, attempt: int) -> None:
        row = live_attempt(self.rows, lease, attempt, {AttemptState.CLAIMED}, _STARTED)
        row.state = AttemptState.RUNNING
        row.started = row.build.started = self.rows.now()

    @promised
    def gathering(self, lease: Lease, attempt: int) -> None:
        states = {AttemptState.RUNNING, AttemptState.GATHERING}
        row = live_attempt(self.rows, lease, attempt, states, _UNDER_WAY)
        row.state, row.build.state = AttemptState.GATHERING, BuildState.GATHERING

    @promised
    def stopping(self, lease: Lease, attempt: int, cause: Cause) -> None:
        row = live_attempt(self.rows, lease, attempt, {AttemptState.RUNNING})
        if row.stop_cause is not None:
            raise OvertakenError(f"attempt {attempt} was called off before")
        row.stop_cause, row.stopping = cause, self.rows.now()

    @promised
    def keep_log(self, lease: Lease, attempt: int, log: StoredFile) -> None:
        live_attempt(self.rows, lease, attempt, LIVE).log = log

    @promised
    def settle(self, lease: Lease, attempt: int | None, ruling: Ruling) -> None:
        ending.settle(self.rows, lease, attempt, ruling)

    @promised
    def record(self, lease: Lease, attempt: int, result: Result) -> None:
        ending.record(self.rows, lease, attempt, result)

    @promised
    def set_clean(self, lease: Lease, before: CleanState, after: CleanState) -> None:
        row = fence(self.rows, lease)
        leases.refuse_live(self.rows, lease)
        if row.value.clean is not before:
            raise OvertakenError(f"builder {lease.builder} is not {before.value}")
        self.rows.set_clean(row, after)

    @promised
    def put_on_trial(self, lease: Lease) -> None:
        row = fence(self.rows, lease)
        leases.refuse_live(self.rows, lease)
        if row.value.ok or row.trial is None or row.trial > self.rows.now():
            raise OvertakenError(f"builder {lease.builder} is not to be tried now")
        row.trial = None
        row.value = evolve(
            row.value, ok=True, on_trial=True, introduced=False, failures=0
        )
        self.rows.set_clean(row, CleanState.DIRTY)

    @promised
    def keep_tails(self, tails: Mapping[int, str]) -> None:
        for number, tail in tails.items():
            row = self.rows.attempts.get(number)
            if row is None or row.state not in LIVE or row.build.tail == tail:
                continue
            silent = self.rows.since(row.tail_changed or row.started)
            row.longest_silence = max(row.longest_silence, silent)
            row.tail_changed, row.build.tail = self.rows.now(), tail
