"""What is promised of builders, as people see and change them."""

from typing import Any

from attrs import asdict, evolve

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import Builder, CleanState, ResetProtocol
from buildd_manager.domain.catalogue import BuilderChange, NewBuilder
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.testing.contracts.farm import FarmContract


#: A builder of which everything is said.
VIRTUAL = NewBuilder(
    name="vera",
    url="https://vera:8221",
    architectures=("i386", "amd64", "amd64"),
    virtualized=True,
    vm_host="host-1",
    reset_protocol=ResetProtocol.V2_0,
    open_resources=("large", "gpu"),
    restricted_resources=("signing",),
    manual=True,
)

V1_1 = ResetProtocol.V1_1

FAILED = Ruling(
    job=JobFate.KEEP,
    builder=BuilderFate.FAIL,
    builder_failures=5,
    job_failures=0,
    cause=Cause.BUILDER_FAILED,
    reason="smoke",
    trial_after=60.0,
)


class BuildersContract(FarmContract):
    """Builders are added, changed, and found."""

    async def change(self, name: str = "bob", **what: Any) -> Builder:
        """Change a builder."""
        change = BuilderChange(**what)
        return timeless(await self.store.catalogue.change_builder(name, change))

    async def found(self, name: str = "bob") -> Builder:
        """Find a builder, of which its manager and a list of all say the same."""
        builder, _ = await self.store.catalogue.find_builder(name)
        seen, _ = await self.store.builds.look(builder.id)
        every = [timeless(one) for one in await self.store.catalogue.builders()]
        self.assertEqual(timeless(seen), timeless(builder))
        self.assertIn(timeless(builder), every)
        return timeless(builder)

    async def set_clean(self, clean: CleanState, builder: Builder) -> None:
        """Have a manager say what state a builder is in."""
        lease = await self.take(self.lease.owner, builder)
        await self.make(clean, lease)

    async def test_added(self) -> None:
        """A builder is all that was said of it, and dirty."""
        added = await self.store.catalogue.add_builder(VIRTUAL)
        said = asdict(VIRTUAL, recurse=False)
        said["architectures"] = ("amd64", "i386")
        expected = Builder(id=added.id, clean=CleanState.DIRTY, **said)
        self.assertEqual(timeless(added), expected)
        self.assertEqual(await self.found("vera"), timeless(added))
        names = [one.name for one in await self.store.catalogue.builders()]
        self.assertEqual(names, ["bob", "vera"])

    async def test_twice(self) -> None:
        """A name, and an address, are given once."""
        for name, url, field in (
            ("bob", "http://other:8221", "builder"),
            ("other", "http://bob:8221", "url"),
        ):
            new = NewBuilder(name=name, url=url, architectures=("amd64",))
            with self.assertRaises(ConflictError) as caught:
                await self.store.catalogue.add_builder(new)
            self.assertEqual(caught.exception.field, field)
        self.assertEqual(len(await self.store.catalogue.builders()), 1)

    async def test_unknown(self) -> None:
        """What names no builder is refused."""
        catalogue = self.store.catalogue
        for asking in (
            catalogue.find_builder("x"),
            catalogue.change_builder("x", BuilderChange()),
            catalogue.set_clean("x"),
        ):
            with self.assertRaises(NotFoundError):
                await asking

    async def test_building(self) -> None:
        """What a builder builds is shown with it."""
        _, building = await self.store.catalogue.find_builder("bob")
        self.assertIsNone(building)
        assignment = await self.running()
        _, building = await self.store.catalogue.find_builder("bob")
        self.assertEqual(building and building.id, assignment.cookie.build)

    async def test_changed(self) -> None:
        """What is said of a builder becomes so, and the rest stays as it was."""
        what: dict[str, Any] = {
            "manual": True,
            "architectures": ("amd64", "i386"),
            "open_resources": ("gpu",),
            "restricted_resources": ("large", "signing"),
        }
        before = await self.found()
        for field, value in what.items():
            after = await self.change(**{field: value})
            self.assertEqual(after, evolve(before, **{field: value}))
            self.assertEqual(await self.found(), after)
            before = after

    async def test_other_architectures(self) -> None:
        """A builder for other architectures is to introduce itself anew."""
        await self.store.builds.introduce(self.lease, "254")
        self.assertTrue((await self.change(architectures=("amd64",))).introduced)
        changed = await self.change(architectures=("i386",))
        self.assertFalse(changed.introduced)
        await self.submit()
        self.assertIsNone(await self.claim())

    async def test_out_of_use(self) -> None:
        """A builder that is taken out of use says why, and is never tried."""
        changed = await self.change(ok=False, fail_notes="new fan")
        self.assertEqual((changed.ok, changed.fail_notes), (False, "new fan"))
        await self.let_pass(10.0**6)
        self.assertFalse((await self.found()).trial_due)

    async def test_failed_before(self) -> None:
        """What we had said of a builder is forgotten when people say something."""
        await self.store.builds.settle(self.lease, None, FAILED)
        await self.let_pass(10.0**6)
        self.assertTrue((await self.found()).trial_due)
        changed = await self.change(ok=False)
        self.assertEqual((changed.fail_notes, changed.trial_due), (None, False))
        self.assertFalse((await self.found()).trial_due)

    async def test_into_use(self) -> None:
        """A builder that is taken into use is dirty, and has no failures. Case 73."""
        await self.make(CleanState.CLEAN)
        before = await self.found()
        await self.store.builds.settle(self.lease, None, FAILED)
        changed = await self.change(ok=True)
        self.assertEqual(changed, evolve(before, clean=CleanState.DIRTY))
        self.assertEqual(await self.found(), changed)

    async def test_trusted(self) -> None:
        """A builder on trial that people take into use is on trial no more."""
        await self.store.builds.settle(self.lease, None, FAILED)
        await self.let_pass(FAILED.trial_after)
        await self.store.builds.put_on_trial(self.lease)
        self.assertTrue((await self.found()).on_trial)
        changed = await self.change(ok=True)
        self.assertEqual((changed.on_trial, changed.trials), (False, 0))

    async def test_restless(self) -> None:
        """That a builder is as it was before is nothing new."""
        await self.let_pass(100.0)
        await self.change(ok=True, manual=False)
        builder, _ = await self.store.catalogue.find_builder("bob")
        self.assertGreaterEqual(builder.restless, 100.0)

    async def test_reset(self) -> None:
        """Somebody who was asked to make a builder anew says once that it is."""
        builder = await self.store.catalogue.add_builder(VIRTUAL)
        await self.set_clean(CleanState.CLEANING, builder)
        await self.let_pass(100.0)
        clean = await self.store.catalogue.set_clean("vera")
        self.assertIs(clean.clean, CleanState.CLEAN)
        self.assertLess(clean.restless, 100.0)
        await self.not_asked("vera")

    async def test_not_reset(self) -> None:
        """Nobody else says so: not unasked, nor of a builder that resets itself."""
        dirty = await self.store.catalogue.add_builder(VIRTUAL)
        await self.not_asked("vera")
        await self.set_clean(CleanState.CLEANING, self.builder)
        await self.not_asked("bob")
        old = evolve(VIRTUAL, name="old", url="http://old", reset_protocol=V1_1)
        await self.set_clean(
            CleanState.CLEANING, await self.store.catalogue.add_builder(old)
        )
        await self.not_asked("old")
        self.assertEqual(await self.found("vera"), timeless(dirty))

    async def not_asked(self, name: str) -> None:
        """Check that nobody was asked to make a builder anew."""
        with self.assertRaises(ConflictError) as caught:
            await self.store.catalogue.set_clean(name)
        self.assertEqual(caught.exception.field, "builder")


def timeless(builder: Builder) -> Builder:
    """Leave out what is another thing a moment later."""
    return evolve(builder, restless=0.0)
