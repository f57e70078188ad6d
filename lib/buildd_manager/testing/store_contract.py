"""
What every store promises.

Take :class:`StoreContract` together with trial's ``TestCase`` and give it
``make_store``; import this module, not the class, or trial runs the bare contract.
"""

from collections.abc import Sequence
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred, gatherResults

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import LeaseLostError, NotFoundError, OvertakenError
from buildd_manager.domain.jobs import Assignment, AttemptState
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.testing.catalogue_contract import CatalogueContract
from buildd_manager.testing.store_case import ALICE, BOB, LONG


class StoreContract(CatalogueContract):
    """All of a store: besides the catalogue, who does what."""

    # --- leases

    async def test_one_owner(self) -> None:
        """A builder that is leased is not leased to another."""
        self.assertEqual(await self.store.builds.lease(BOB, LONG), {})

    async def test_renewed(self) -> None:
        """A renewed lease keeps its epoch."""
        self.assertEqual((await self.take(ALICE)).epoch, self.lease.epoch)

    async def test_released(self) -> None:
        """What was given back is the next one's at once, with a higher epoch."""
        await self.store.builds.release(ALICE)
        self.assertGreater((await self.take(BOB)).epoch, self.lease.epoch)

    async def test_another_life(self) -> None:
        """A manager that is registered anew has lost what it leased before."""
        await self.store.builds.register(ALICE, "alice", "2")
        again = await self.take(ALICE)
        self.assertGreater(again.epoch, self.lease.epoch)
        with self.assertRaises(LeaseLostError):
            await self.claim()

    async def test_ran_out(self) -> None:
        """A lease that ran out is ours until somebody takes it, and then no more."""
        await self.let_leases_end()
        await self.store.builds.keep_version(self.lease, "254")
        theirs = await self.take(BOB)
        await self.store.builds.keep_version(theirs, "255")
        with self.assertRaises(LeaseLostError):
            await self.store.builds.keep_version(self.lease, "256")

    async def test_fence(self) -> None:
        """Every write for a builder is refused without its lease."""
        assignment = await self.running()
        old, attempt = evolve(self.lease, epoch=0), assignment.attempt
        builds = self.store.builds
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        writes: list[Deferred[Any]] = [
            builds.claim(old, "0" * 16),
            builds.started(old, attempt),
            builds.gathering(old, attempt),
            builds.abandon(old, attempt, "x"),
            builds.record(old, attempt, result),
            builds.set_clean(old, CleanState.CLEAN),
            builds.fail_builder(old, "x"),
            builds.keep_version(old, "x"),
        ]
        for write in writes:
            with self.assertRaises(LeaseLostError):
                await write

    # --- claiming

    async def test_nothing_waits(self) -> None:
        """Nothing is claimed where nothing waits, and the builder stays clean."""
        self.assertIsNone(await self.claim())
        builder, assignment = await self.store.builds.look(self.builder.id)
        self.assertIs(builder.clean, CleanState.CLEAN)
        self.assertIsNone(assignment)

    async def test_claimed(self) -> None:
        """A claim is known, with all of its job, and the builder is dirty."""
        build = await self.submit()
        assignment = await self.claimed()
        builder, seen = await self.store.builds.look(self.builder.id)
        self.assertEqual(seen, assignment)
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertIs(assignment.state, AttemptState.CLAIMED)
        self.assertEqual(assignment.cookie.build, build.id)
        self.assertEqual(assignment.cookie.nonce, f"{1:016x}")
        job = assignment.job
        self.assertEqual(
            (job.source, job.version, job.series, job.suite, job.component),
            ("hello", "1", "bookworm", "bookworm", "main"),
        )
        self.assertEqual(job.chroot.name, "chroot.tar.gz")
        self.assertEqual([file.name for file in job.files], ["hello_1.dsc"])
        self.assertIs(await self.state_of(build.id), BuildState.BUILDING)

    async def test_best_first(self) -> None:
        """The highest score is claimed first, then the one that waits longest."""
        builds = [(await self.submit(score)).id for score in (5, 10, 10)]
        claimed = []
        for _ in builds:
            assignment = await self.claimed()
            claimed.append(assignment.cookie.build)
            await self.store.builds.started(self.lease, assignment.attempt)
            failed = await self.result(BuildState.CHROOT_WAIT, Verdict.CHROOTFAIL)
            await self.store.builds.record(self.lease, assignment.attempt, failed)
        self.assertEqual(claimed, [builds[1], builds[2], builds[0]])

    async def test_only_its_architecture(self) -> None:
        """A builder is given nothing for an architecture that it does not have."""
        await self.store.catalogue.add_architecture("bookworm", "arm64")
        chroot = await self.add_file("chroot.tar.gz")
        await self.store.catalogue.set_chroot("bookworm", "arm64", chroot)
        await self.submit(arch="arm64")
        self.assertIsNone(await self.claim())

    async def test_no_chroot(self) -> None:
        """What has no chroot waits until there is one."""
        await self.store.catalogue.add_architecture("bookworm", "arm64")
        arm = await self.add_builder("arm", "arm64")
        epochs = await self.store.builds.lease(ALICE, LONG)
        lease = evolve(self.lease, builder=arm.id, epoch=epochs[arm.id])
        await self.submit(arch="arm64")
        self.assertIsNone(await self.claim(lease))
        chroot = await self.add_file("chroot.tar.gz")
        await self.store.catalogue.set_chroot("bookworm", "arm64", chroot)
        self.assertIsNotNone(await self.claim(lease))

    async def test_only_clean(self) -> None:
        """Nothing is claimed for a builder that is not clean, or out of use."""
        await self.submit()
        builds = self.store.builds
        with self.assertRaises(OvertakenError):
            await builds.claim(self.lease, "0" * 16)
        await builds.set_clean(self.lease, CleanState.CLEANING)
        with self.assertRaises(OvertakenError):
            await builds.claim(self.lease, "0" * 16)
        await builds.set_clean(self.lease, CleanState.CLEAN)
        await builds.fail_builder(self.lease, "smoke")
        with self.assertRaises(OvertakenError):
            await builds.claim(self.lease, "0" * 16)

    async def test_one_job(self) -> None:
        """A builder with a job is given no other, nor is called clean."""
        await self.running()
        await self.submit()
        with self.assertRaises(OvertakenError):
            await self.store.builds.claim(self.lease, "0" * 16)
        with self.assertRaises(OvertakenError):
            await self.store.builds.set_clean(self.lease, CleanState.CLEAN)

    async def test_once(self) -> None:
        """Of many builders that claim one build at once, one gets it."""
        names = [f"b{number}" for number in range(4)]
        builders = [await self.add_builder(name) for name in names]
        epochs = await self.store.builds.lease(ALICE, LONG)
        leases = [
            evolve(self.lease, builder=builder.id, epoch=epochs[builder.id])
            for builder in builders
        ]
        for lease in leases:
            await self.store.builds.set_clean(lease, CleanState.CLEAN)
        await self.submit()
        claims: Sequence[Assignment | None] = await gatherResults(
            [
                self.store.builds.claim(lease, f"{number:016x}")
                for number, lease in enumerate(leases)
            ]
        )
        self.assertEqual(len([claim for claim in claims if claim is not None]), 1)

    # --- an attempt's way

    async def test_started(self) -> None:
        """An acknowledged attempt runs; it is not started twice."""
        assignment = await self.running()
        _, seen = await self.store.builds.look(self.builder.id)
        self.assertEqual(seen, evolve(assignment, state=AttemptState.RUNNING))
        with self.assertRaises(OvertakenError):
            await self.store.builds.started(self.lease, assignment.attempt)

    async def test_abandoned(self) -> None:
        """An abandoned build waits again, for another attempt with another name."""
        first = await self.running()
        await self.store.builds.abandon(self.lease, first.attempt, "lost")
        build = first.cookie.build
        self.assertIs(await self.state_of(build), BuildState.NEEDS_BUILD)
        builder, none = await self.store.builds.look(self.builder.id)
        self.assertIsNone(none)
        self.assertIs(builder.clean, CleanState.DIRTY)
        second = await self.claimed()
        self.assertEqual(second.cookie.build, build)
        self.assertNotEqual(second.cookie, first.cookie)
        detail = await self.store.catalogue.find_build(build)
        self.assertEqual(
            [(one.number, one.state, one.outcome) for one in detail.attempts],
            [(1, AttemptState.ABANDONED, "lost"), (2, AttemptState.CLAIMED, None)],
        )

    async def test_abandoned_for_good(self) -> None:
        """Nothing comes of an abandoned attempt any more."""
        assignment = await self.running()
        builds, attempt = self.store.builds, assignment.attempt
        await builds.abandon(self.lease, attempt, "lost")
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        writes: list[Deferred[None]] = [
            builds.started(self.lease, attempt),
            builds.gathering(self.lease, attempt),
            builds.abandon(self.lease, attempt, "again"),
            builds.record(self.lease, attempt, result),
        ]
        for write in writes:
            with self.assertRaises(OvertakenError):
                await write

    async def test_unacknowledged_has_no_result(self) -> None:
        """An attempt that was never acknowledged has no result."""
        await self.submit()
        assignment = await self.claimed()
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, result)
        with self.assertRaises(OvertakenError):
            await self.store.builds.gathering(self.lease, assignment.attempt)

    async def test_gathering(self) -> None:
        """That results are fetched is known, and may be said again."""
        assignment = await self.running()
        for _ in range(2):
            await self.store.builds.gathering(self.lease, assignment.attempt)
        build = assignment.cookie.build
        self.assertIs(await self.state_of(build), BuildState.GATHERING)

    async def test_tails(self) -> None:
        """The end of a log is seen while it is built, and only then."""
        assignment = await self.running()
        build, attempt = assignment.cookie.build, assignment.attempt
        await self.store.builds.keep_tails({attempt: "gcc é", attempt + 99: "x"})
        detail = await self.store.catalogue.find_build(build)
        self.assertEqual(detail.log_tail, "gcc é")
        await self.store.builds.abandon(self.lease, attempt, "lost")
        await self.store.builds.keep_tails({attempt: "late"})
        detail = await self.store.catalogue.find_build(build)
        self.assertIsNone(detail.log_tail)

    # --- results

    async def test_failure_recorded(self) -> None:
        """A failure is recorded with its log, and ends the build."""
        assignment = await self.running()
        result = await self.result(BuildState.MANUAL_DEP_WAIT, Verdict.DEPFAIL)
        result = evolve(result, dependencies="libx (>= 2.0)")
        await self.store.builds.record(self.lease, assignment.attempt, result)
        detail = await self.store.catalogue.find_build(assignment.cookie.build)
        self.assertIs(detail.summary.state, BuildState.MANUAL_DEP_WAIT)
        self.assertEqual(detail.summary.builder, "bob")
        self.assertIsNotNone(detail.summary.finished)
        self.assertEqual(detail.dependencies, "libx (>= 2.0)")
        self.assertEqual(detail.log, result.log)
        self.assertEqual(detail.files, ())
        self.assertEqual(detail.attempts[0].outcome, "BuildStatus.DEPFAIL")
        self.assertIsNone(await self.claim())

    async def test_recorded_once(self) -> None:
        """A result is recorded once."""
        assignment = await self.running()
        result = await self.result(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        with self.assertRaises(OvertakenError):
            await self.store.builds.record(self.lease, assignment.attempt, result)

    async def test_uploaded(self) -> None:
        """A success waits to be uploaded by the one who has it, and then is built."""
        assignment = await self.running()
        build, attempt = assignment.cookie.build, assignment.attempt
        await self.store.builds.gathering(self.lease, attempt)
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, attempt, result)
        self.assertIs(await self.state_of(build), BuildState.UPLOADING)
        uploads = self.store.uploads
        self.assertEqual(list(await uploads.pending_uploads(BOB)), [])
        self.assertEqual(
            list(await uploads.pending_uploads(ALICE)), [PendingUpload(attempt, build)]
        )
        await uploads.uploaded(attempt, UploadReport(ok=True, output="done"))
        detail = await self.store.catalogue.find_build(build)
        self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
        self.assertEqual(detail.files, result.files)
        self.assertEqual(detail.upload_output, "done")
        self.assertEqual(list(await uploads.pending_uploads(ALICE)), [])
        with self.assertRaises(OvertakenError):
            await uploads.uploaded(attempt, UploadReport(ok=False))

    async def test_upload_failed(self) -> None:
        """A failed upload is a failure of its own, with what was printed."""
        assignment = await self.running()
        result = await self.result(BuildState.UPLOADING, Verdict.OK)
        await self.store.builds.record(self.lease, assignment.attempt, result)
        report = UploadReport(ok=False, output="no space")
        await self.store.uploads.uploaded(assignment.attempt, report)
        detail = await self.store.catalogue.find_build(assignment.cookie.build)
        self.assertIs(detail.summary.state, BuildState.FAILED_TO_UPLOAD)
        self.assertEqual(detail.upload_output, "no space")

    # --- builders

    async def test_builder_failed(self) -> None:
        """A builder that was taken out of use says why."""
        await self.store.builds.fail_builder(self.lease, "smoke")
        builder, _ = await self.store.builds.look(self.builder.id)
        self.assertEqual((builder.ok, builder.fail_notes), (False, "smoke"))

    async def test_version(self) -> None:
        """The version of a builder is remembered."""
        await self.store.builds.keep_version(self.lease, "254")
        builder, _ = await self.store.builds.look(self.builder.id)
        self.assertEqual(builder.version, "254")

    async def test_unknown_builder(self) -> None:
        """There is nothing to be seen of a builder that does not exist."""
        with self.assertRaises(NotFoundError):
            await self.store.builds.look(self.builder.id + 999)
