"""What every store promises of builds that wait for packages."""

from collections.abc import Mapping
from typing import Any

from buildd_manager.domain.archives import ArchiveChange, Dependency, NewArchive
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import ArchChange, NewSeries, SeriesChange
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import DepWait
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import Result
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.sources import Source
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.testing.contracts.farm import ALICE, FarmContract


class DepWaitsContract(FarmContract):
    """Builds wait for packages, and packages are published."""

    async def waits(self, dependencies: str | None = "libfoo", **details: Any) -> int:
        """Have a build wait for packages; give its number."""
        running = await self.running(**details)
        result = Result(
            state=BuildState.MANUAL_DEP_WAIT,
            verdict=Verdict.DEPFAIL,
            log=await self.add_file("log"),
            dependencies=dependencies,
            cause=Cause.DEPENDENCY,
        )
        await self.store.builds.record(self.lease, running.attempt, result)
        return running.cookie.build

    async def listed(self) -> list[int]:
        """List what waits for packages and could be retried."""
        return [wait.build for wait in await self.store.queue.dep_waits()]

    async def wait(self) -> DepWait:
        """Give the only one that waits for packages."""
        (wait,) = await self.store.queue.dep_waits()
        return wait

    async def publish(self, *versions: str, **details: Any) -> int:
        """Be told of versions of libfoo, or another package."""
        details = {
            "archive": "debian",
            "series": "bookworm",
            "architecture": "amd64",
            "name": "libfoo",
            **details,
        }
        packages = [NewBinary(version=version, **details) for version in versions]
        return await self.store.queue.publish(packages)

    async def found(self, *names: str) -> Mapping[str, set[str]]:
        """Tell what the only one that waits can see."""
        return await self.store.queue.published(await self.wait(), names)

    async def test_listed(self) -> None:
        """What waits for packages says for which, and what it can see. Case 103."""
        number = await self.waits("libfoo (>= 2) | libbar")
        wait = await self.wait()
        self.assertEqual(
            wait,
            DepWait(
                build=number,
                dependencies="libfoo (>= 2) | libbar",
                architecture="amd64",
                series="bookworm",
                sees={("debian", Pocket.RELEASE): frozenset({"main"})},
            ),
        )
        detail = await self.detail(number)
        self.assertEqual(detail.dependencies, "libfoo (>= 2) | libbar")
        self.assertIs(detail.summary.cause, Cause.DEPENDENCY)

    async def test_other_states(self) -> None:
        """What waits for no packages, or for unknown ones, is not listed. Case 114."""
        await self.finished(BuildState.FAILED_TO_BUILD, Verdict.PACKAGEFAIL)
        await self.waits(None)
        await self.waits("")
        number = await self.waits()
        self.assertEqual(await self.listed(), [number])
        await self.store.queue.retry(number)
        self.assertEqual(await self.listed(), [])

    async def test_not_buildable(self) -> None:
        """What could not be built anyway need not be looked at. Case 114."""
        number = await self.waits()
        catalogue = self.store.catalogue
        chroot = await self.add_file("chroot.tar.gz")

        async def enable(*, enabled: bool) -> None:
            change = ArchChange(enabled=enabled)
            await catalogue.change_architecture("bookworm", "amd64", change)

        async def set_chroot(value: StoredFile | None) -> None:
            await catalogue.set_chroot("bookworm", "amd64", value)

        async def become(status: SeriesStatus) -> None:
            change = SeriesChange(status=status)
            await catalogue.change_series("bookworm", change)

        await enable(enabled=False)
        self.assertEqual(await self.listed(), [])
        await enable(enabled=True)
        await set_chroot(None)
        self.assertEqual(await self.listed(), [])
        await set_chroot(chroot)
        other = await self.waits(pocket=Pocket.PROPOSED)
        for status, listed in (
            (SeriesStatus.OBSOLETE, []),
            (SeriesStatus.CURRENT, [other]),
            (SeriesStatus.FROZEN, [number, other]),
        ):
            await become(status)
            self.assertEqual(await self.listed(), listed)
        await become(SeriesStatus.OBSOLETE)
        change = ArchiveChange(build_obsolete=True)
        await catalogue.change_archive("debian", change)
        self.assertEqual(await self.listed(), [other])

    async def test_archive_disabled(self) -> None:
        """What is for an archive that is disabled waits for packages, too."""
        number = await self.waits()
        change = ArchiveChange(enabled=False)
        await self.store.catalogue.change_archive("debian", change)
        self.assertEqual(await self.listed(), [number])

    async def test_superseded(self) -> None:
        """What nobody wants any more waits for nothing."""
        number = await self.waits()
        await self.store.queue.supersede(number)
        self.assertEqual(await self.listed(), [])

    async def test_published(self) -> None:
        """All versions are seen of what was asked for, and of nothing else."""
        await self.waits()
        self.assertEqual(await self.found("libfoo"), {})
        self.assertEqual(await self.publish("1", "2"), 2)
        await self.publish("3", architecture="all")
        await self.publish("1", name="libbar")
        self.assertEqual(await self.found("libfoo"), {"libfoo": {"1", "2", "3"}})
        self.assertEqual(
            set(await self.found("libfoo", "libbar")), {"libfoo", "libbar"}
        )
        self.assertEqual(await self.found(), {})

    async def test_elsewhere(self) -> None:
        """What is for others is not seen: other architectures, series, components."""
        await self.store.catalogue.add_series(NewSeries(name="sid"))
        await self.waits()
        await self.publish("1", architecture="arm64")
        await self.publish("2", series="sid")
        await self.publish("3", component="universe")
        await self.publish("4", pocket=Pocket.PROPOSED)
        self.assertEqual(await self.found("libfoo"), {})
        await self.publish("5")
        self.assertEqual(await self.found("libfoo"), {"libfoo": {"5"}})

    async def test_no_news(self) -> None:
        """What was published already is no news, unless it has moved."""
        await self.waits()
        self.assertEqual(await self.publish("1", component="universe"), 1)
        self.assertEqual(await self.publish("1", component="universe"), 0)
        self.assertEqual(await self.publish("1", "1"), 1)
        self.assertEqual(await self.found("libfoo"), {"libfoo": {"1"}})
        self.assertEqual(await self.publish("1"), 0)
        self.assertEqual(await self.publish(), 0)

    async def test_unknown_place(self) -> None:
        """Nothing is published where there is nothing, nor what comes with it."""
        good: dict[str, Any] = {
            "series": "bookworm",
            "architecture": "amd64",
            "name": "libfoo",
        }
        for field in ("archive", "series"):
            bad: dict[str, Any] = {"archive": "debian", **good, field: "x"}
            packages = [
                NewBinary(archive="debian", version="1", **good),
                NewBinary(version="1", **bad),
            ]
            with self.assertRaises(NotFoundError) as caught:
                await self.store.queue.publish(packages)
            self.assertEqual(caught.exception.field, field)
        await self.waits()
        self.assertEqual(await self.found("libfoo"), {})

    async def test_archives(self) -> None:
        """A build sees its archive, what that depends on, and the distribution."""
        catalogue = self.store.catalogue
        for name in ("other", "ppa"):
            await catalogue.add_archive(NewArchive(name=name))
        await self.waits(archive="ppa")
        await self.publish("1", archive="ppa")
        await self.publish("2", archive="other")
        await self.publish("3", pocket=Pocket.UPDATES)
        await self.publish("4", pocket=Pocket.PROPOSED)
        self.assertEqual(await self.found("libfoo"), {"libfoo": {"1", "3"}})
        await catalogue.depend("ppa", Dependency("other"))
        self.assertEqual(await self.found("libfoo"), {"libfoo": {"1", "2", "3"}})

    async def test_uploaded(self) -> None:
        """What we have built and uploaded is published."""
        source = Source(name="foo", version="1:2-3", hints=("any",), files=())
        running = await self.running(source=source)
        result = Result(
            state=BuildState.UPLOADING,
            verdict=Verdict.OK,
            log=await self.add_file("log"),
            files=(await self.add_file("libfoo_2-3_amd64.deb"),),
        )
        await self.store.builds.record(self.lease, running.attempt, result)
        await self.waits()
        self.assertEqual(await self.found("libfoo"), {})
        (upload,) = await self.store.uploads.pending_uploads(ALICE)
        await self.store.uploads.uploaded(upload.attempt, UploadReport(ok=True))
        self.assertEqual(await self.found("libfoo"), {"libfoo": {"1:2-3"}})

    async def test_still_waits(self) -> None:
        """What is left is remembered, as long as the build waits for it."""
        number = await self.waits("libfoo, libbar")
        await self.store.queue.still_waits(number, "libbar")
        self.assertEqual((await self.wait()).dependencies, "libbar")
        await self.store.queue.retry(number)
        await self.store.queue.still_waits(number, "libfoo")
        self.assertIsNone((await self.detail(number)).dependencies)
        for nothing in (0, 2**70):
            with self.assertRaises(NotFoundError):
                await self.store.queue.still_waits(nothing, "libfoo")

    async def test_only_then(self) -> None:
        """Only a build that waits for packages says for which. Case 109."""
        running = await self.running()
        self.assertIsNone((await self.detail(running.cookie.build)).dependencies)
        await self.store.queue.still_waits(running.cookie.build, "libfoo")
        self.assertIsNone((await self.detail(running.cookie.build)).dependencies)
