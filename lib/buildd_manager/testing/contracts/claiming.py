"""What is promised of claims."""

from twisted.internet.defer import gatherResults

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import (
    BuilderChange,
)
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.testing.contracts import farm


class ClaimContract(farm.FarmContract):
    """How a builder is given a build."""

    async def test_nothing_waits(self) -> None:
        """Nothing is claimed where nothing waits, and the builder stays clean."""
        self.assertIsNone(await self.claim())
        builder, assignment = await self.look()
        self.assertIs(builder.clean, CleanState.CLEAN)
        self.assertIsNone(assignment)

    async def test_claimed(self) -> None:
        """A claim is known, with all of its job, and the builder is dirty. Case 59."""
        build = await self.submit()
        assignment = await self.claimed()
        builder, seen = await self.look_without_times()
        self.assertEqual(seen, farm.without_times(assignment))
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertIs(assignment.state, AttemptState.CLAIMED)
        self.assertEqual(assignment.cookie.build, build.id)
        self.assertEqual(len(assignment.cookie.nonce or ""), 16)
        self.assertEqual((assignment.number, assignment.failures), (1, 0))
        self.assertEqual((assignment.running, assignment.silent), (0.0, 0.0))
        self.assertFalse(assignment.canary)
        detail = await self.detail(build.id)
        self.assertIs(detail.summary.state, BuildState.BUILDING)
        self.assertEqual(detail.summary.builder, "bob")
        self.assertIsNotNone(detail.first_dispatched)
        self.assertIsNone(detail.summary.started)

    async def test_only_clean(self) -> None:
        """
        Nothing is claimed for a builder that is not clean, or out of use. Case 79.

        That is no offence of anybody's: somebody else was first. What is claimed makes
        the builder dirty before its worker hears of it.
        """
        await self.submit()
        builds = self.store.builds
        for clean in (CleanState.DIRTY, CleanState.CLEANING):
            await self.make(clean)
            with self.assertRaises(OvertakenError):
                await builds.claim(self.lease, self.nonce())
        change = BuilderChange(ok=False, fail_notes="smoke")
        await self.store.catalogue.change_builder("bob", change)
        await self.make(CleanState.CLEAN)
        with self.assertRaises(OvertakenError):
            await builds.claim(self.lease, self.nonce())
        await self.store.catalogue.change_builder("bob", BuilderChange(ok=True))
        await self.claimed()
        self.assertIs((await self.seen()).clean, CleanState.DIRTY)

    async def test_manual(self) -> None:
        """A builder to which people give its work is given none by us. Case 5."""
        await self.submit()
        await self.store.catalogue.change_builder("bob", BuilderChange(manual=True))
        self.assertIsNone(await self.claim())

    async def test_one_job(self) -> None:
        """A builder with a job is given no other, nor is called clean."""
        await self.running()
        await self.submit()
        with self.assertRaises(OvertakenError):
            await self.store.builds.claim(self.lease, self.nonce())
        with self.assertRaises(OvertakenError):
            await self.make(CleanState.CLEAN)

    async def test_once(self) -> None:
        """Of many builders that claim one build at once, one gets it."""
        leases = [await self.another(f"b{number}") for number in range(4)]
        for lease in leases:
            await self.make(CleanState.CLEAN, lease)
        await self.submit()
        claims = await gatherResults(
            [self.store.builds.claim(lease, self.nonce()) for lease in leases]
        )
        self.assertEqual(len([claim for claim in claims if claim is not None]), 1)

    async def test_all_at_once(self) -> None:
        """Of many builders that claim at once, each gets one of the best."""
        leases = [await self.another(f"b{number}") for number in range(4)]
        for lease in leases:
            await self.make(CleanState.CLEAN, lease)
        builds = [await self.submit(score) for score in range(6)]
        claims = await gatherResults(
            [self.store.builds.claim(lease, self.nonce()) for lease in leases]
        )
        given = {claim.cookie.build for claim in claims if claim is not None}
        self.assertEqual(given, {build.id for build in builds[2:]})
