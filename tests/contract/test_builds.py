"""Both build stores keep the same promises."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg2
from twisted.internet.defer import Deferred

from buildd_manager.adapters.postgres import candidates
from buildd_manager.adapters.postgres.connection import Cursor
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.errors import StoreError
from buildd_manager.testing.contracts import (
    canaries,
    claiming,
    farm,
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
from tests.contract.stores import (
    NOT_VIRTUALIZED,
    VIRTUALIZED,
    MemoryStores,
    PostgresStores,
)


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


class MemoryCanaryTests(MemoryStores, canaries.CanaryContract):
    """Canaries, in memory."""


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

    async def test_passed_by(self) -> None:
        """A build that somebody changes just now is passed by; nobody waits for it."""
        changed, other = await self.submit(9), await self.submit(1)
        changer = psycopg2.connect(self.database.owner_dsn)
        self.addCleanup(changer.close)
        changer.cursor().execute(
            "UPDATE build SET state = 'cancelled' WHERE id = %s", (changed.id,)
        )
        claimed = await self.claimed()
        self.assertEqual(claimed.cookie.build, other.id)
        changer.commit()

    async def test_nothing_half(self) -> None:
        """A claim that cannot be finished has not begun."""
        build = await self.submit()
        await self.make(CleanState.CLEAN)
        self.as_owner("REVOKE INSERT ON attempt FROM fiera")
        with self.assertRaises(StoreError):
            await self.store.builds.claim(self.lease, self.nonce())
        builder, assignment = await self.look()
        self.assertIs(builder.clean, CleanState.CLEAN)
        self.assertIsNone(assignment)
        self.as_owner("GRANT INSERT ON attempt TO fiera")
        self.assertEqual((await self.claimed()).cookie.build, build.id)


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

    async def test_virtualized_meanwhile(self) -> None:
        """Who may build what waits again is decided by what others say meanwhile."""
        for sql in VIRTUALIZED:
            attempt = (await self.running()).attempt
            ruling = self.ruling()
            settle = partial(self.store.builds.settle, self.lease, attempt, ruling)
            await (await self.while_waiting(sql, settle))
            (waiting,) = (await self.store.queue.outlook()).builds
            self.assertTrue(waiting.virtualized)
            await self.store.queue.cancel(waiting.id)
            self.as_owner(NOT_VIRTUALIZED)


class PostgresRecordingTests(PostgresStores, recording.RecordingContract):
    """Results, in PostgreSQL."""


class PostgresTrialTests(PostgresStores, trials.TrialContract):
    """Builders on trial, in PostgreSQL."""


class PostgresCanaryTests(PostgresStores, canaries.CanaryContract):
    """Canaries, in PostgreSQL."""


class PostgresLookTests(PostgresStores, looking.LookContract):
    """Looks at builders, in PostgreSQL."""


class PostgresJobTests(PostgresStores, jobs.JobContract):
    """Jobs, in PostgreSQL."""


class PostgresOriginTests(PostgresStores, origins.OriginContract):
    """Names of jobs, in PostgreSQL."""


class StatementTests(PostgresStores):
    """How often PostgreSQL is asked; each BEGIN and COMMIT counts, too."""

    async def prepare(self) -> None:
        await super().prepare()
        self.said: list[str] = []
        execute = Cursor.execute

        def noted(cursor: Cursor, query: str, params: Any = None) -> Deferred[Any]:
            self.said.append(query)
            return execute(cursor, query, params)

        self.patch(Cursor, "execute", noted)

    async def count(self, ask: Callable[..., Deferred[Any]], *words: object) -> int:
        """Tell how many statements it takes until there is an answer."""
        before = len(self.said)
        await ask(*words)
        return len(self.said) - before

    async def test_renewed(self) -> None:
        """
        To find and lease builders takes six, however many there are. Case 57.

        What is known of a builder is read in each scan of it, and takes four.
        """
        builds = self.store.builds
        for one in range(3):
            self.assertEqual(await self.count(builds.lease, farm.ALICE, farm.LONG), 6)
            for another in range(7):
                await self.add_builder(f"b{one}{another}")
        self.assertEqual(await self.count(builds.look, self.builder.id), 4)
        await self.running()
        self.assertEqual(await self.count(builds.look, self.builder.id), 4)

    async def test_tails(self) -> None:
        """To remember the ends of all logs takes three, however many there are."""
        first, ann = await self.running(), await self.another()
        await self.submit()
        second = await self.run_next(ann)
        for tails in ({first.attempt: "gcc"}, {first.attempt: "", second.attempt: ""}):
            self.assertEqual(await self.count(self.store.builds.keep_tails, tails), 3)


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
            "SELECT attempt, what, detail, epoch FROM audit"
            " WHERE manager IS NOT NULL ORDER BY id"
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
