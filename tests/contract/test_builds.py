"""Both build stores keep the same promises."""

from twisted.internet.defer import Deferred

from buildd_manager.adapters.postgres import candidates
from buildd_manager.testing.contracts import (
    claiming,
    following,
    jobs,
    leases,
    looking,
    matching,
    origins,
    recording,
    settling,
    trials,
)
from tests.contract.stores import MemoryStores, PostgresStores


class MemoryLeaseTests(MemoryStores, leases.LeaseContract):
    """Leases, in memory."""


class MemoryClaimTests(MemoryStores, claiming.ClaimContract):
    """Claims, in memory."""


class MemoryMatchTests(MemoryStores, matching.MatchContract):
    """What suits whom, in memory."""


class MemoryFollowingTests(MemoryStores, following.FollowingContract):
    """Attempts under way, in memory."""


class MemoryTailTests(MemoryStores, following.TailContract):
    """Ends of logs, in memory."""


class MemorySettlingTests(MemoryStores, settling.SettlingContract):
    """Judgements, in memory."""


class MemoryRecordingTests(MemoryStores, recording.RecordingContract):
    """Results, in memory."""


class MemoryTrialTests(MemoryStores, trials.TrialContract):
    """Builders on trial, in memory."""


class MemoryLookTests(MemoryStores, looking.LookContract):
    """Looks at builders, in memory."""


class MemoryJobTests(MemoryStores, jobs.JobContract):
    """Jobs, in memory."""


class MemoryOriginTests(MemoryStores, origins.OriginContract):
    """Names of jobs, in memory."""


class PostgresLeaseTests(PostgresStores, leases.LeaseContract):
    """Leases, in PostgreSQL."""


class PostgresClaimTests(PostgresStores, claiming.ClaimContract):
    """Claims, in PostgreSQL."""


class PostgresMatchTests(PostgresStores, matching.MatchContract):
    """What suits whom, in PostgreSQL."""


class LongWay(PostgresStores):
    """Stores in PostgreSQL that look at the kinds of what waits first."""

    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        """Read no entry of the queue just because it is one of the first."""
        self.patch(candidates, "FIRST", 0)
        return super().setUp()


class LongClaimTests(LongWay, claiming.ClaimContract):
    """Claims, in PostgreSQL, by the kinds of what waits."""


class LongMatchTests(LongWay, matching.MatchContract):
    """What suits whom, in PostgreSQL, by the kinds of what waits."""


class PostgresFollowingTests(PostgresStores, following.FollowingContract):
    """Attempts under way, in PostgreSQL."""


class PostgresTailTests(PostgresStores, following.TailContract):
    """Ends of logs, in PostgreSQL."""


class PostgresSettlingTests(PostgresStores, settling.SettlingContract):
    """Judgements, in PostgreSQL."""


class PostgresRecordingTests(PostgresStores, recording.RecordingContract):
    """Results, in PostgreSQL."""


class PostgresTrialTests(PostgresStores, trials.TrialContract):
    """Builders on trial, in PostgreSQL."""


class PostgresLookTests(PostgresStores, looking.LookContract):
    """Looks at builders, in PostgreSQL."""


class PostgresJobTests(PostgresStores, jobs.JobContract):
    """Jobs, in PostgreSQL."""


class PostgresOriginTests(PostgresStores, origins.OriginContract):
    """Names of jobs, in PostgreSQL."""


class AuditTests(PostgresStores):
    """What is written down for good."""

    async def test_fiera(self) -> None:
        """All work is done as fiera, whoever has connected."""
        self.assertEqual(await self.pool.query("SELECT current_user"), [("fiera",)])

    async def test_audit(self) -> None:
        """What became of an attempt stays written down."""
        assignment = await self.running()
        await self.store.builds.settle(self.lease, assignment.attempt, self.ruling())
        rows = await self.pool.query(
            "SELECT attempt, what, detail, epoch FROM audit ORDER BY id"
        )
        epoch, attempt = self.lease.epoch, assignment.attempt
        self.assertEqual(
            rows,
            [
                (attempt, "claimed", str(assignment.cookie), epoch),
                (attempt, "running", None, epoch),
                (attempt, "job requeue, builder dirty", "lost", epoch),
            ],
        )
