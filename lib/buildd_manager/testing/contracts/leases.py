"""What is promised of leases."""

from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import LeaseLostError
from buildd_manager.domain.reports import Verdict
from buildd_manager.testing.contracts import farm


class LeaseContract(farm.FarmContract):
    """Who may act on a builder, and who may not."""

    async def test_one_owner(self) -> None:
        """A builder that is leased is not leased to another."""
        self.assertEqual(await self.store.builds.lease(farm.BOB, farm.LONG), {})

    async def test_renewed(self) -> None:
        """A renewed lease keeps its epoch."""
        await self.let_pass(farm.LONG - 60)
        self.assertEqual((await self.take(farm.ALICE)).epoch, self.lease.epoch)
        await self.let_pass(farm.LONG - 60)
        self.assertEqual(await self.store.builds.lease(farm.BOB, farm.LONG), {})

    async def test_new_builder(self) -> None:
        """A builder that is added later is taken with the next renewal."""
        ann = await self.add_builder("ann")
        epochs = await self.store.builds.lease(farm.ALICE, farm.LONG)
        self.assertEqual(epochs.keys(), {self.builder.id, ann.id})

    async def test_released(self) -> None:
        """What was given back is the next one's at once, with a higher epoch."""
        await self.give_back(farm.ALICE)
        self.assertGreater((await self.take(farm.BOB)).epoch, self.lease.epoch)

    async def test_released_late(self) -> None:
        """What was leased anew meanwhile is not given back."""
        epochs = await self.store.builds.lease(farm.ALICE, farm.LONG)
        await self.store.builds.release(farm.ALICE, epochs)
        await self.take(farm.ALICE)
        await self.store.builds.release(farm.ALICE, epochs)
        self.assertEqual(await self.store.builds.lease(farm.BOB, farm.LONG), {})

    async def test_released_of_another(self) -> None:
        """Nobody gives back what another leases."""
        epochs = await self.store.builds.lease(farm.ALICE, farm.LONG)
        await self.store.builds.release(farm.BOB, epochs)
        self.assertEqual(await self.store.builds.lease(farm.BOB, farm.LONG), {})

    async def test_another_life(self) -> None:
        """A manager that is registered anew gives back what it leased before."""
        before = await self.store.builds.register(farm.ALICE, "alice", "2")
        self.assertEqual(before, {self.builder.id: self.lease.epoch})
        await self.store.builds.release(farm.ALICE, before)
        again = await self.take(farm.ALICE)
        self.assertGreater(again.epoch, self.lease.epoch)
        with self.assertRaises(LeaseLostError):
            await self.claim()

    async def test_ran_out(self) -> None:
        """
        A lease that ran out is ours until somebody takes it, and then no more.

        Bad input C6.
        """
        await self.let_pass(farm.LONG + 1)
        await self.store.builds.introduce(self.lease, "254")
        theirs = await self.take(farm.BOB)
        await self.store.builds.introduce(theirs, "255")
        with self.assertRaises(LeaseLostError):
            await self.store.builds.introduce(self.lease, "256")

    async def test_ran_out_and_renewed(self) -> None:
        """A lease that ran out, and that its owner takes again, is another one."""
        await self.let_pass(farm.LONG + 1)
        self.assertGreater((await self.take(farm.ALICE)).epoch, self.lease.epoch)

    async def test_fence(self) -> None:
        """Every write for a builder is refused without its lease."""
        assignment = await self.running()
        attempt, builds = assignment.attempt, self.store.builds
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        before = await self.look_without_times()
        for old in (
            evolve(self.lease, epoch=self.lease.epoch - 1),
            evolve(self.lease, owner=farm.BOB),
            evolve(self.lease, builder=self.lease.builder + 99),
        ):
            writes: list[Deferred[Any]] = [
                builds.claim(old, "0" * 16),
                builds.introduce(old, "x"),
                builds.started(old, attempt),
                builds.gathering(old, attempt),
                builds.stopping(old, attempt, Cause.TIMEOUT),
                builds.keep_log(old, attempt, result.log),
                builds.settle(old, attempt, self.ruling()),
                builds.settle(old, None, self.ruling()),
                builds.record(old, attempt, result),
                builds.set_clean(old, CleanState.DIRTY, CleanState.CLEAN),
                builds.put_on_trial(old),
            ]
            for write in writes:
                with self.assertRaises(LeaseLostError):
                    await write
        self.assertEqual(await self.look_without_times(), before)

    async def test_adopted(self) -> None:
        """What one manager has begun another goes on with, once it has the lease."""
        assignment = await self.running()
        await self.give_back(farm.ALICE)
        self.lease = await self.take(farm.BOB)
        await self.store.builds.gathering(self.lease, assignment.attempt)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        landed = await self.store.uploads.pending_uploads(farm.BOB)
        self.assertEqual([one.attempt for one in landed], [assignment.attempt])
