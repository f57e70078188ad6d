"""What is to be expected of a farm, and why not, from the command line."""

from buildd_manager.domain.builders import CleanState
from tests.api.building import BuildCase
from tests.cli.support import CliCase


class AskingTests(CliCase, BuildCase):
    """``queue list``, ``build why`` and ``builder why``."""

    async def clean(self) -> None:
        """Make bob clean."""
        await self.store.builds.set_clean(
            self.lease, CleanState.DIRTY, CleanState.CLEAN
        )

    async def test_queue(self) -> None:
        """The queue is listed in order, with times that people read."""
        first = await self.submit()
        second = await self.submit(score=10_000)
        nowhere = await self.submit(resource="gpu")
        said = await self.say("queue", "list")
        self.assertEqual((said.status, said.err), (0, ""), said)
        _, *lines = said.out.splitlines()
        self.assertEqual(
            [line.split()[:2] for line in lines],
            [["1", str(second)], ["2", str(first)], ["3", str(nowhere)]],
        )
        self.assertRegex(lines[0], r" 5 s +1 min$")
        self.assertRegex(lines[2], r" there is no builder of its kind$")
        words = ("queue", "list", "--arch", "amd64", "--limit", "1", "--json")
        (place,) = (await self.say(*words)).json
        self.assertEqual((place["id"], place["starts_in"]), (second, 5.0))

    async def test_why_build(self) -> None:
        """A build says why it waits."""
        number = await self.submit()
        said = await self.say("build", "why", str(number))
        self.assertEqual(said.status, 0, said)
        self.assertIn(f"build {number}: Needs building", said.out)
        self.assertRegex(said.out, r"(?m)^bob +builder-not-clean +the builder is not")
        await self.clean()
        said = await self.say("build", "why", str(number))
        self.assertIn("nothing keeps it waiting", said.out)
        said = await self.say("build", "why", str(number), "--json")
        self.assertEqual(said.json["because"], [])
        await self.refused(5, "build", "build", "why", "999")

    async def test_why_builder(self) -> None:
        """A builder says why it is idle."""
        await self.clean()
        said = await self.say("builder", "why", "bob")
        self.assertRegex(said.out, r"(?m)nothing-waits +no build waits$")
        number = await self.submit(resource="gpu")
        said = await self.say("builder", "why", "bob", "--json")
        (because,) = said.json["because"]
        self.assertEqual(
            (because["reason"], because["build"]), ("missing-resource", number)
        )
        await self.refused(5, "builder", "builder", "why", "eve")
