"""What every store promises of builds that are listed and shown."""

from typing import Any

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildFilter
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.scores import Urgency
from buildd_manager.testing.contracts.farm import FarmContract


class ListingContract(FarmContract):
    """Builds are listed and shown."""

    async def found(self, **details: Any) -> list[int]:
        """List the builds that suit a filter."""
        wanted = BuildFilter(**details)
        return [one.id for one in await self.store.queue.builds(wanted, None, 99)]

    async def test_pages(self) -> None:
        """Builds are listed from the newest on, page by page."""
        numbers = [(await self.submit()).id for _ in range(3)]
        queue = self.store.queue
        first = await queue.builds(BuildFilter(), None, 2)
        self.assertEqual([one.id for one in first], [numbers[2], numbers[1]])
        second = await queue.builds(BuildFilter(), first[-1].id, 2)
        self.assertEqual([one.id for one in second], [numbers[0]])
        self.assertEqual(await queue.builds(BuildFilter(), 0, 2), [])
        self.assertEqual(len(await queue.builds(BuildFilter(), 10**30, 9)), 3)

    async def test_filter(self) -> None:
        """A filter finds what it names, and nothing else."""
        failed = await self.finished(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        number = failed.cookie.build
        source = (await self.detail(number)).summary.source
        other = (await self.submit(pocket=Pocket.PROPOSED)).id
        fitting: tuple[dict[str, Any], ...] = (
            {"states": frozenset({BuildState.FAILED_TO_BUILD, BuildState.CANCELLED})},
            {"source": source},
            {"ids": frozenset({number, 10**30})},
            {"builder": "bob"},
            {"source": source, "archive": "debian", "series": "bookworm"},
        )
        for details in fitting:
            self.assertEqual(await self.found(**details), [number], details)
        for details in (
            {},
            {"archive": "debian"},
            {"series": "bookworm"},
            {"architecture": "amd64"},
        ):
            self.assertEqual(await self.found(**details), [other, number], details)
        others: tuple[dict[str, Any], ...] = (
            {"states": frozenset({BuildState.CANCELLED})},
            {"ids": frozenset({0})},
            {"source": "hell"},
            {"source": "%"},
            {"archive": "x"},
            {"series": "x"},
            {"architecture": "x"},
            {"builder": "x"},
            {"causes": frozenset({Cause.NETWORK})},
        )
        for details in others:
            self.assertEqual(await self.found(**details), [], details)

    async def test_cause(self) -> None:
        """Builds are found by why they failed, and where they did at last."""
        running = await self.running()
        ruling = _ruling(JobFate.FAIL, Cause.NETWORK)
        await self.store.builds.settle(self.lease, running.attempt, ruling)
        number = running.cookie.build
        self.assertEqual(
            await self.found(causes=frozenset({Cause.NETWORK, Cause.CHROOT})), [number]
        )
        self.assertEqual(await self.found(builder="bob"), [number])
        detail = await self.detail(number)
        self.assertIs(detail.summary.cause, Cause.NETWORK)

    async def test_unknown(self) -> None:
        """There is no build of a number that is nobody's."""
        for number in (0, -1, 999, 2**63 - 1, 10**30):
            with self.assertRaises(NotFoundError):
                await self.store.queue.find_build(number)

    async def test_attempts(self) -> None:
        """Each attempt is kept, with its log, its outcome and its cause."""
        first = await self.running()
        builds = self.store.builds
        log = await self.add_file("log-of-one.gz", "d")
        await builds.keep_log(self.lease, first.attempt, log)
        ruling = _ruling(JobFate.REQUEUE, Cause.BUILDER_LOST)
        await builds.settle(self.lease, first.attempt, ruling)
        second = await self.run_next()
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        await builds.record(self.lease, second.attempt, result)
        one, two = (await self.detail(first.cookie.build)).attempts
        self.assertEqual(
            [(it.number, it.builder, it.state, it.cookie) for it in (one, two)],
            [
                (1, "bob", AttemptState.ABANDONED, str(first.cookie)),
                (2, "bob", AttemptState.RECORDED, str(second.cookie)),
            ],
        )
        self.assertEqual((one.log, two.log), (log, result.log))
        self.assertEqual((one.cause, one.outcome), (Cause.BUILDER_LOST, "gone"))
        self.assertIsNotNone(two.outcome)
        for it in (one, two):
            assert it.started is not None
            assert it.ended is not None
            self.assertTrue(it.claimed <= it.started <= it.ended)

    async def test_result(self) -> None:
        """A build shows the log and the files that came of it."""
        ended = await self.finished(BuildState.UPLOADING, Verdict.OK)
        detail = await self.detail(ended.cookie.build)
        assert detail.log is not None
        self.assertEqual(detail.log.name, "log-for-1-1.txt.gz")
        self.assertEqual(
            [file.name for file in detail.files], ["hello_1_amd64.changes"]
        )
        self.assertIsNotNone(detail.first_dispatched)
        self.assertEqual(detail.summary.builder, "bob")

    async def test_scored(self) -> None:
        """A build tells what its score would be made of. Case 111."""
        build = await self.submit(99, urgency=Urgency.HIGH, component="universe")
        detail = await self.detail(build.id)
        self.assertEqual((detail.summary.score, detail.scored.total), (99, 1765))
        self.assertEqual(
            [(term.id, term.points) for term in detail.scored.terms],
            [("urgency", 15), ("pocket", 1500), ("component", 250)],
        )
        translations = await self.submit(section="translations")
        self.assertEqual((await self.detail(translations.id)).scored.total, 0)


def _ruling(job: JobFate, cause: Cause) -> Ruling:
    """Order something for a build, and nothing for its builder."""
    return Ruling(
        job=job,
        builder=BuilderFate.KEEP,
        builder_failures=1,
        job_failures=1,
        cause=cause,
        reason="gone",
    )
