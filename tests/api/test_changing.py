"""Builds are retried, cancelled and rescored by programs."""

from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from tests.api.building import BuildCase


ACTIONS = ("retry", "cancel", "supersede")


class ChangingTests(BuildCase):
    """What is said to one build."""

    async def do(self, number: int, what: str, body: Any = None) -> Any:
        """Say something to a build."""
        code, told = await self.ask("POST", f"builds/{number}/{what}", body)
        self.assertEqual(code, 200, told)
        return told

    async def test_retry(self) -> None:
        """A build that failed waits again, and builders hear of it."""
        number = await self.failed()
        before = len(self.changes)
        told = await self.do(number, "retry")
        self.assertEqual((told["id"], told["state_id"]), (number, "needs_build"))
        self.assertEqual(len(self.changes), before + 1)

    async def test_cancel(self) -> None:
        """A build is cancelled at once, or as soon as its worker has ended it."""
        number = await self.submit()
        self.assertEqual((await self.do(number, "cancel"))["state_id"], "cancelled")
        await self.submit()
        number = (await self.run_next()).cookie.build
        before = len(self.changes)
        self.assertEqual((await self.do(number, "cancel"))["state_id"], "cancelling")
        self.assertEqual(len(self.changes), before + 1)

    async def test_rescore(self) -> None:
        """A build may have a score by hand, or ours again."""
        number = await self.submit()
        told = await self.do(number, "rescore", {"score": -7})
        self.assertEqual(told["score"], -7)
        told = await self.do(number, "rescore", {"automatic": True})
        self.assertEqual(told["score"], 2505)

    async def test_supersede(self) -> None:
        """A source is given up, and so are its builds."""
        number = await self.submit()
        self.assertEqual((await self.do(number, "supersede"))["state_id"], "superseded")

    async def test_conflicts(self) -> None:
        """What cannot be done to a build as it is, is a conflict (A6)."""
        number = await self.submit()
        await self.refused(409, "build", "POST", f"builds/{number}/retry")
        running = await self.run_next()
        path = f"builds/{number}"
        await self.refused(409, "build", "POST", f"{path}/rescore", {"score": 1})
        await self.end(running, BuildState.UPLOADING)
        for what in ("retry", "cancel"):
            await self.refused(409, "build", "POST", f"{path}/{what}")
        await self.do(number, "supersede")
        await self.refused(409, "build", "POST", f"{path}/supersede")

    async def test_parallel(self) -> None:
        """Of many who cancel or retry at once, one does; the others hear why (A6)."""
        number = await self.submit()
        for what in ("cancel", "retry"):
            path = f"builds/{number}/{what}"
            answers = await gatherResults([self.deferred(path) for _ in range(20)])
            codes = [code for code, _ in answers]
            self.assertEqual((codes.count(200), codes.count(409)), (1, 19))

    def deferred(self, path: str) -> Deferred[tuple[int, Any]]:
        """Ask, without waiting."""
        return Deferred.fromCoroutine(self.ask("POST", path))

    async def test_nobody(self) -> None:
        """What is said to no build is never our fault (A1)."""
        for what in ACTIONS:
            await self.refused(404, "build", "POST", f"builds/999/{what}")
            for text in ("1e9", "-1", "%201", "1%20OR%201=1", f"{2**63}", "%00"):
                await self.refused(422, "build", "POST", f"builds/{text}/{what}")
        await self.refused(404, "build", "POST", "builds/9/rescore", {"score": 1})

    async def test_bad_bodies(self) -> None:
        """Nothing that is said is passed over."""
        number = await self.submit()
        path = f"builds/{number}"
        for what in ACTIONS:
            await self.refused(422, "body", "POST", f"{path}/{what}", {"score": 1})
        for body in ({}, {"score": 1, "automatic": True}, {"automatic": False}):
            await self.refused(422, "score", "POST", f"{path}/rescore", body)
        for score in ("1", 1.5, 10**7, -(10**7), True, None):
            wrong = {"score": score}
            await self.refused(422, "score", "POST", f"{path}/rescore", wrong)
        _, told = await self.ask("GET", path)
        self.assertEqual((told["state_id"], told["score"]), ("needs_build", 2505))

    async def test_no_get(self) -> None:
        """Nothing changes by being looked at."""
        number = await self.submit()
        for what in (*ACTIONS, "rescore"):
            code, _ = await self.ask("GET", f"builds/{number}/{what}")
            self.assertEqual(code, 405)


class RetryManyTests(BuildCase):
    """What is said to many builds at once."""

    async def retry(self, **words: Any) -> Any:
        """Retry what is meant."""
        code, told = await self.ask("POST", "builds/retry", words)
        self.assertEqual(code, 200, told)
        return told

    async def state(self, number: int) -> str:
        """Read the state of a build."""
        _, told = await self.ask("GET", f"builds/{number}")
        return str(told["state_id"])

    async def test_retried(self) -> None:
        """What is meant is retried; what is not, is not."""
        network = await self.failed(Cause.NETWORK)
        package = await self.failed(Cause.PACKAGE)
        before = len(self.changes)
        told = await self.retry(cause=["network"], series="bookworm")
        self.assertEqual([one["id"] for one in told["retried"]], [network])
        self.assertEqual((told["refused"], told["rest"]), ([], None))
        self.assertEqual(await self.state(network), "needs_build")
        self.assertEqual(await self.state(package), "failed_to_build")
        self.assertGreater(len(self.changes), before)

    async def test_refused(self) -> None:
        """What cannot be retried is told, and why."""
        number = await self.submit()
        told = await self.retry(state=["needs_build"])
        self.assertEqual(told["retried"], [])
        (refused,) = told["refused"]
        self.assertEqual(refused["id"], number)
        self.assertIn("cannot be retried", refused["fault"])
        self.assertTrue(refused["mend"])

    async def test_named(self) -> None:
        """Builds may be named by their numbers."""
        first, second = await self.failed(), await self.failed()
        told = await self.retry(build=[str(first)])
        self.assertEqual([one["id"] for one in told["retried"]], [first])
        _, page = await self.ask("GET", f"builds?build={second}&build=999")
        self.assertEqual([one["id"] for one in page], [second])

    async def test_dry_run(self) -> None:
        """It may be asked what would be retried. Case 114."""
        number = await self.failed()
        told = await self.retry(source="hello", dry_run=True)
        self.assertTrue(told["dry_run"])
        self.assertEqual([one["id"] for one in told["retried"]], [number])
        self.assertEqual(await self.state(number), "failed_to_build")

    async def test_pieces(self) -> None:
        """Many are retried piece by piece."""
        first, second = await self.failed(), await self.failed()
        told = await self.retry(source="hello", limit=1)
        self.assertEqual([one["id"] for one in told["retried"]], [second])
        told = await self.retry(source="hello", limit=9**9, before=told["rest"])
        self.assertEqual([one["id"] for one in told["retried"]], [first])
        self.assertIsNone(told["rest"])

    async def test_bad(self) -> None:
        """Nobody retries everything by mistake."""
        for field, body in (
            ("filter", {}),
            ("filter", {"dry_run": False, "limit": 9}),
            ("'sate'", {"sate": ["failed_to_build"]}),
            ("state", {"state": ["failed"]}),
            ("state", {"state": "failed_to_build"}),
            ("cause", {"cause": ["rain"]}),
            ("source", {"source": "a\0b"}),
            ("build", {"build": ["x"]}),
            ("build", {"build": [1]}),
            ("limit", {"source": "hello", "limit": 0}),
        ):
            await self.refused(422, field, "POST", "builds/retry", body)
