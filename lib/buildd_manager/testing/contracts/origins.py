"""What is promised of names that workers say."""

from attrs import evolve

from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.origins import (
    ELSEWHERE,
    MISMATCH,
    NO_NAME,
    OURS,
    no_such_build,
)
from buildd_manager.testing.contracts import farm


class OriginContract(farm.FarmContract):
    """What is known of the names that workers say."""

    async def origin(self, name: object, builder: int | None = None) -> object:
        """Ask where a name comes from."""
        number = self.builder.id if builder is None else builder
        return await self.store.builds.origin_of(number, str(name))

    async def renamed(self, assignment: Assignment) -> Cookie:
        """Give a name that was never given, of the same build."""
        return evolve(assignment.cookie, nonce="f" * 16)

    async def test_ours(self) -> None:
        """What was given to a builder is its own, even when it is over."""
        assignment = await self.running()
        name = assignment.cookie
        self.assertEqual(await self.origin(name), OURS)
        await self.store.builds.settle(self.lease, assignment.attempt, self.ruling())
        self.assertEqual(await self.origin(name), OURS)

    async def test_elsewhere(self) -> None:
        """What another builder builds just now is elsewhere, and not for ever."""
        assignment = await self.running()
        ann = (await self.add_builder("ann")).id
        self.assertEqual(await self.origin(assignment.cookie, ann), ELSEWHERE)
        await self.store.builds.settle(self.lease, assignment.attempt, self.ruling())
        self.assertEqual(await self.origin(assignment.cookie, ann), MISMATCH)

    async def test_mismatch(self) -> None:
        """A name of a build that has no such job is a mismatch."""
        build = await self.submit()
        nonce = "0" * 16
        for name in (f"{build.id}-999", f"{build.id}-999-{nonce}"):
            self.assertEqual(await self.origin(name), MISMATCH)

    async def test_another_nonce(self) -> None:
        """A name of the same build with another nonce is not the same name."""
        assignment = await self.running()
        other = await self.renamed(assignment)
        self.assertEqual(await self.origin(other), MISMATCH)

    async def test_old_name(self) -> None:
        """A name without a nonce, as in 2005, is known by its numbers."""
        assignment = await self.running()
        name = evolve(assignment.cookie, nonce=None)
        self.assertEqual(await self.origin(name), OURS)
        ann = (await self.add_builder("ann")).id
        self.assertEqual(await self.origin(name, ann), MISMATCH)

    async def test_unknown(self) -> None:
        """What is not even the name of a build is unknown, and it is said why."""
        self.assertEqual(await self.origin("1000-1"), no_such_build(1000))
        large = 10**18 - 1
        self.assertEqual(await self.origin(f"{large}-{large}"), no_such_build(large))
        for name in ("", "hello", "1-2-3", "-1-2", "1-2\0"):
            self.assertEqual(await self.origin(name), NO_NAME)
