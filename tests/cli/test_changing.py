"""Builds are retried, cancelled and rescored from the command line."""

from typing import Any

from attrs import evolve

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from tests.api.building import BuildCase
from tests.cli.support import CliCase


class ChangingTests(CliCase, BuildCase):
    """What people say to builds, by number."""

    async def states(self, *numbers: int) -> list[str]:
        """Read the states of builds."""
        found = [await self.store.queue.find_build(number) for number in numbers]
        return [one.summary.state.value for one in found]

    async def done(self, *words: str | int) -> Any:
        """Say what can be done; give the answer."""
        said = await self.say("build", *map(str, words), "--json")
        self.assertEqual(said.status, 0, said)
        return said.json

    async def test_cancel(self) -> None:
        """A build is cancelled once."""
        number = await self.submit()
        told = await self.done("cancel", number)
        self.assertEqual((told["id"], told["state_id"]), (number, "cancelled"))
        await self.refused(6, "build", "build", "cancel", str(number))
        await self.refused(5, "build", "build", "cancel", "999")

    async def test_several(self) -> None:
        """What cannot be done to one build stops no other, and is told."""
        first, second = await self.submit(), await self.submit()
        await self.store.queue.cancel(first)
        words = ("build", "cancel", str(first), "999", str(second))
        said = await self.say(*words)
        self.assertEqual((said.status, said.err), (6, ""), said)
        self.assertIn(f"build {first} cannot be cancelled", said.out)
        self.assertIn("there is no 999", said.out)
        self.assertEqual(await self.states(second), ["cancelled"])
        said = await self.say(*words, "--json")
        self.assertEqual(
            ([one["id"] for one in said.json["refused"]], said.json["done"]),
            ([first, 999, second], []),
        )

    async def test_rescore(self) -> None:
        """A build goes where people say, or where we do."""
        number = await self.submit()
        told = await self.done("rescore", number, "--score", "-7")
        self.assertEqual(told["score"], -7)
        told = await self.done("rescore", number, "--automatic")
        self.assertEqual(told["score"], 2505)
        words = ("build", "rescore", str(number))
        await self.refused(2, "buildd-manager build rescore", *words)
        more = (*words, "--automatic", "--score", "1")
        await self.refused(2, "buildd-manager build rescore", *more)
        await self.refused(2, "score", *words, "--score", str(10**9))

    async def test_supersede(self) -> None:
        """A source is given up."""
        number = await self.submit()
        told = await self.done("supersede", number)
        self.assertEqual(told["state_id"], "superseded")


class RetryTests(CliCase, BuildCase):
    """``buildd-manager build retry``."""

    async def state_of(self, number: int) -> BuildState:
        """Read the state of a build."""
        return (await self.store.queue.find_build(number)).summary.state

    async def test_numbers(self) -> None:
        """Builds are retried by number; what is refused is told."""
        failed = await self.failed()
        waiting = await self.submit()
        said = await self.say("build", "retry", str(failed))
        self.assertEqual((said.status, said.err), (0, ""), said)
        self.assertIn("1 retried, 0 refused", said.out)
        self.assertIs(await self.state_of(failed), BuildState.NEEDS_BUILD)
        said = await self.say("build", "retry", str(waiting), "999", "--json")
        self.assertEqual(said.status, 6)
        refused = {one["id"]: one["fault"] for one in said.json["refused"]}
        self.assertIn("cannot be retried", refused[waiting])
        self.assertEqual(refused[999], "there is no such build")

    async def test_filter(self) -> None:
        """All that are meant are retried, if somebody says that it is meant."""
        network = await self.failed(Cause.NETWORK)
        package = await self.failed(Cause.PACKAGE)
        words = ("build", "retry", "--state", "failed_to_build", "--cause", "network")
        await self.refused(2, "buildd-manager build retry", *words)
        said = await self.say(*words, "--series", "bookworm", "--dry-run", "--json")
        self.assertEqual([one["id"] for one in said.json["retried"]], [network])
        self.assertIs(await self.state_of(network), BuildState.FAILED_TO_BUILD)
        said = await self.say(*words, "--yes")
        self.assertIn("1 retried, 0 refused", said.out)
        self.assertIs(await self.state_of(network), BuildState.NEEDS_BUILD)
        self.assertIs(await self.state_of(package), BuildState.FAILED_TO_BUILD)

    async def test_many(self) -> None:
        """However many are meant, all are retried."""
        number = await self.failed()
        for _ in range(450):
            row = self.rows.builds[await self.copy(number)]
            row.state, row.queue = BuildState.CANCELLED, None
        words = ("--state", "cancelled", "--yes", "--json")
        said = await self.say("build", "retry", *words)
        retried = [one["id"] for one in said.json["retried"]]
        self.assertEqual(len(set(retried)), 450)
        states = [one.state for one in self.rows.builds.values()]
        self.assertNotIn(BuildState.CANCELLED, states)

    async def copy(self, number: int) -> int:
        """Add a build like another one."""
        row = self.rows.builds[number]
        new = next(self.rows.numbers)
        self.rows.builds[new] = evolve(row, id=new)
        return new

    async def test_misused(self) -> None:
        """Nobody retries everything by mistake."""
        for words in ((), ("1", "--source", "hello"), ("--yes",), ("--dry-run",)):
            await self.refused(
                2, "buildd-manager build retry", "build", "retry", *words
            )
        await self.refused(2, "state", "build", "retry", "--yes", "--state", "broken")
