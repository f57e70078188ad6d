"""What is promised of attempts that are under way."""

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import NotFoundError, OvertakenError
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.testing.contracts import farm


class FollowingContract(farm.FarmContract):
    """How far an attempt has come."""

    async def test_started(self) -> None:
        """An acknowledged attempt runs; it is not started twice."""
        assignment = await self.running()
        seen = await self.assigned()
        self.assertIs(seen.state, AttemptState.RUNNING)
        detail = await self.detail(assignment.cookie.build)
        self.assertIsNotNone(detail.summary.started)
        with self.assertRaises(OvertakenError):
            await self.store.builds.started(self.lease, assignment.attempt)

    async def test_started_too_late(self) -> None:
        """What is cancelled while it is sent runs first, and is ended then."""
        build = await self.submit()
        assignment = await self.claimed()
        await self.store.queue.cancel(build.id)
        await self.store.builds.started(self.lease, assignment.attempt)
        seen = await self.assigned()
        self.assertIs(seen.state, AttemptState.RUNNING)
        self.assertTrue(seen.cancelling)

    async def test_of_another(self) -> None:
        """Nobody changes the attempt of another builder."""
        assignment = await self.running()
        ann = await self.another()
        builds, attempt = self.store.builds, assignment.attempt
        for write in (
            builds.gathering(ann, attempt),
            builds.stopping(ann, attempt, Cause.TIMEOUT),
            builds.settle(ann, attempt, self.ruling()),
        ):
            with self.assertRaises(OvertakenError):
                await write
        self.assertIs((await self.assigned()).state, AttemptState.RUNNING)

    async def test_gathering(self) -> None:
        """That results are fetched is known, and may be said again."""
        assignment = await self.running()
        for _ in range(2):
            await self.store.builds.gathering(self.lease, assignment.attempt)
        build = assignment.cookie.build
        self.assertIs(await self.state_of(build), BuildState.GATHERING)
        self.assertIs((await self.assigned()).state, AttemptState.GATHERING)

    async def test_gathering_in_vain(self) -> None:
        """The results of what is being cancelled are not fetched."""
        assignment = await self.running()
        await self.store.queue.cancel(assignment.cookie.build)
        with self.assertRaises(OvertakenError):
            await self.store.builds.gathering(self.lease, assignment.attempt)
        self.assertIs((await self.assigned()).state, AttemptState.RUNNING)

    async def test_unacknowledged(self) -> None:
        """What was never acknowledged has no results, nor is it called off."""
        await self.submit()
        assignment = await self.claimed()
        with self.assertRaises(OvertakenError):
            await self.store.builds.gathering(self.lease, assignment.attempt)
        with self.assertRaises(OvertakenError):
            await self.store.builds.stopping(
                self.lease, assignment.attempt, Cause.TIMEOUT
            )

    async def test_stopping(self) -> None:
        """An attempt is called off once, and it is known for how long."""
        assignment = await self.running()
        self.assertIsNone((await self.assigned()).stopping)
        stopping = self.store.builds.stopping
        await stopping(self.lease, assignment.attempt, Cause.SILENCE)
        with self.assertRaises(OvertakenError):
            await stopping(self.lease, assignment.attempt, Cause.TIMEOUT)
        await self.let_pass(100)
        stopped = (await self.assigned()).stopping
        assert stopped is not None
        self.assertIs(stopped.cause, Cause.SILENCE)
        self.assertGreaterEqual(stopped.since, 100)
        self.assertLess(stopped.since, 100 + farm.LONG)

    async def test_kept_log(self) -> None:
        """The log of an attempt without a result is kept with it."""
        assignment = await self.running()
        log = await self.add_file("log-for-1-1.txt.gz")
        await self.store.builds.keep_log(self.lease, assignment.attempt, log)
        await self.store.builds.settle(self.lease, assignment.attempt, self.ruling())
        (attempt,) = (await self.detail(assignment.cookie.build)).attempts
        self.assertEqual(attempt.log, log)
        with self.assertRaises(OvertakenError):
            await self.store.builds.keep_log(self.lease, assignment.attempt, log)

    async def test_unknown_builder(self) -> None:
        """There is nothing to be seen of a builder that does not exist."""
        with self.assertRaises(NotFoundError):
            await self.store.builds.look(self.builder.id + 999)


class TailContract(farm.FarmContract):
    """The ends of logs, and how long they stay as they are."""

    async def keep(self, attempt: int, tail: str) -> None:
        """Remember a tail."""
        await self.store.builds.keep_tails({attempt: tail})

    async def test_tails(self) -> None:
        """The end of a log is seen while it is built, and only then. Case 3."""
        assignment = await self.running()
        build, attempt = assignment.cookie.build, assignment.attempt
        await self.store.builds.keep_tails({attempt: "gcc é", attempt + 99: "x"})
        self.assertEqual((await self.detail(build)).log_tail, "gcc é")
        await self.store.builds.settle(self.lease, attempt, self.ruling())
        await self.keep(attempt, "late")
        self.assertIsNone((await self.detail(build)).log_tail)

    async def test_no_tails(self) -> None:
        """Nothing is a number of tails, too."""
        await self.store.builds.keep_tails({})

    async def test_running(self) -> None:
        """It is known for how long an attempt runs."""
        await self.running()
        await self.let_pass(500)
        seen = await self.assigned()
        self.assertGreaterEqual(seen.running, 500)
        self.assertGreaterEqual(seen.silent, 500)

    async def test_silent(self) -> None:
        """A log is silent since its end has changed, not since it was read."""
        assignment = await self.running()
        await self.let_pass(1000)
        await self.keep(assignment.attempt, "gcc")
        await self.let_pass(300)
        await self.keep(assignment.attempt, "gcc")
        seen = await self.assigned()
        self.assertGreaterEqual(seen.running, 1300)
        self.assertEqual(seen.tail, "gcc")
        self.assertGreaterEqual(seen.silent, 300)
        self.assertLess(seen.silent, 1000)
        await self.keep(assignment.attempt, "ld")
        self.assertLess((await self.assigned()).silent, 300)

    async def test_claimed(self) -> None:
        """What was not acknowledged neither runs nor is silent."""
        await self.submit()
        await self.claimed()
        await self.let_pass(100)
        seen = await self.assigned()
        self.assertEqual((seen.running, seen.silent), (0.0, 0.0))
