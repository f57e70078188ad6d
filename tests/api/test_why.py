"""When builds are built, why not sooner, and why builders are idle."""

from typing import Any

from buildd_manager.domain.archives import ArchiveChange
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange
from tests.api.building import BuildCase


class WhyTests(BuildCase):
    """Reasons that programs read."""

    async def because(self, path: str) -> list[tuple[Any, ...]]:
        """Ask why."""
        code, told = await self.ask("GET", f"{path}/why")
        self.assertEqual((code, told["left_out"]), (200, 0), told)
        for one in told["because"]:
            self.assertTrue(one["words"])
        return [
            (one["reason"], one["builder"], one["build"]) for one in told["because"]
        ]

    async def clean(self) -> None:
        """Make bob clean."""
        await self.store.builds.set_clean(
            self.lease, CleanState.DIRTY, CleanState.CLEAN
        )

    async def test_build(self) -> None:
        """A build tells, builder by builder, what keeps it waiting."""
        number = await self.submit()
        path = f"builds/{number}"
        self.assertEqual(await self.because(path), [("builder-not-clean", "bob", None)])
        await self.clean()
        self.assertEqual(await self.because(path), [])
        better = await self.submit(score=10_000)
        self.assertEqual(await self.because(path), [("outranked", "bob", better)])
        change = ArchiveChange(enabled=False)
        await self.store.catalogue.change_archive("debian", change)
        reasons = {reason for reason, _, _ in await self.because(path)}
        self.assertIn("archive-disabled", reasons)

    async def test_no_builder(self) -> None:
        """Where nobody could build it, that is told."""
        number = await self.submit(resource="gpu")
        self.assertEqual(
            (await self.because(f"builds/{number}"))[0],
            ("no-builder-suits", None, None),
        )

    async def test_not_waiting(self) -> None:
        """What does not wait tells so, and how it is."""
        number = await self.failed()
        _, told = await self.ask("GET", f"builds/{number}/why")
        self.assertEqual(told["state_id"], "failed_to_build")
        self.assertEqual(
            await self.because(f"builds/{number}"), [("not-waiting", None, number)]
        )

    async def test_builder(self) -> None:
        """A builder tells what keeps it idle."""
        path = "builders/bob"
        self.assertEqual(await self.because(path), [("builder-not-clean", "bob", None)])
        await self.clean()
        self.assertEqual(await self.because(path), [("nothing-waits", "bob", None)])
        number = await self.submit(resource="gpu")
        self.assertEqual(
            await self.because(path), [("missing-resource", "bob", number)]
        )
        change = BuilderChange(manual=True)
        await self.store.catalogue.change_builder("bob", change)
        self.assertEqual(await self.because(path), [("builder-manual", "bob", None)])

    async def test_unknown(self) -> None:
        """There is no reason for what is not there."""
        for what in ("why", "forecast"):
            await self.refused(404, "build", "GET", f"builds/999/{what}")
            await self.refused(422, "build", "GET", f"builds/x/{what}")
        await self.refused(404, "builder", "GET", "builders/eve/why")
        await self.refused(422, "builder", "GET", "builders/%00/why")


class ForecastTests(BuildCase):
    """Estimates of start and end."""

    async def expected(self, number: int) -> tuple[Any, Any]:
        """Ask when a build starts and ends, in seconds from now."""
        code, told = await self.ask("GET", f"builds/{number}/forecast")
        self.assertEqual((code, told["id"]), (200, number))
        return told["starts_in"], told["ends_in"]

    async def test_forecast(self) -> None:
        """A build is foretold to start when a builder becomes free."""
        first, second = await self.submit(), await self.submit()
        self.assertEqual(await self.expected(first), (5.0, 65.0))
        self.assertEqual(await self.expected(second), (65.0, 125.0))
        running = await self.run_next()
        self.assertEqual(await self.expected(first), (None, 60.0))
        self.assertEqual(await self.expected(second), (60.0, 120.0))
        await self.end(running, BuildState.FAILED_TO_BUILD)
        self.assertEqual(await self.expected(first), (None, None))
        nowhere = await self.submit(resource="gpu")
        self.assertEqual(await self.expected(nowhere), (None, None))

    async def test_queue(self) -> None:
        """The queue is shown in order, with what is to be expected."""
        first = await self.submit()
        second = await self.submit(score=10_000)
        third = await self.submit(resource="gpu")
        code, told = await self.ask("GET", "queue")
        self.assertEqual(code, 200)
        self.assertEqual(
            [(one["position"], one["id"], one["starts_in"]) for one in told],
            [(1, second, 5.0), (2, first, 65.0), (3, third, None)],
        )
        self.assertEqual(
            [[one["reason"] for one in place["because"]] for place in told],
            [[], [], ["no-builder-suits"]],
        )
        self.assertEqual(told[0]["source"], "hello")

    async def test_part_of_queue(self) -> None:
        """No more of the queue is shown than was asked for."""
        numbers = [await self.submit() for _ in range(3)]
        _, told = await self.ask("GET", "queue?limit=1")
        self.assertEqual([one["id"] for one in told], numbers[:1])
        _, told = await self.ask("GET", "queue?arch=amd64&limit=999999")
        self.assertEqual([one["id"] for one in told], numbers)
        _, told = await self.ask("GET", "queue?arch=arm64")
        self.assertEqual(told, [])
        for words in ("limit=0", "limit=-1", "limit=x", "limit=1e9"):
            await self.refused(422, "limit", "GET", f"queue?{words}")
        await self.refused(422, "'a'", "GET", "queue?a=amd64")
