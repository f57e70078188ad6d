"""What is promised of series, their architectures and chroots."""

from typing import Any

from attrs import asdict, evolve
from twisted.internet.defer import DeferredList

from buildd_manager.domain.catalogue import (
    ArchChange,
    ArchDetail,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.contracts.farm import FarmContract


class SeriesContract(FarmContract):
    """Series are added, changed, and found."""

    async def found(self, name: str = "bookworm") -> SeriesDetail:
        """Find a series; it is the same in a list of all."""
        found = await self.store.catalogue.find_series(name)
        self.assertIn(found, await self.store.catalogue.series())
        return found

    async def arch(self) -> ArchDetail:
        """Find the one architecture of bookworm."""
        (arch,) = (await self.found()).architectures
        return arch

    async def change_arch(self, **what: Any) -> ArchDetail:
        """Change the one architecture of bookworm."""
        change = ArchChange(**what)
        await self.store.catalogue.change_architecture("bookworm", "amd64", change)
        return await self.arch()

    async def test_added(self) -> None:
        """A series is all that was said of it."""
        new = NewSeries(
            name="noble",
            distribution="ubuntu",
            status=SeriesStatus.FROZEN,
            component="universe",
            components=("main", "universe"),
            strict_components=False,
            nominated_architecture="amd64",
            archive_lines=("deb http://x noble main",),
        )
        await self.store.catalogue.add_series(new)
        found = await self.found("noble")
        said = asdict(new, recurse=False)
        self.assertEqual(found, SeriesDetail(architectures=(), **said))
        names = [one.name for one in await self.store.catalogue.series()]
        self.assertEqual(names, ["bookworm", "noble"])

    async def test_by_itself(self) -> None:
        """A series of which nothing is said has one component, and no lines."""
        found = await self.found()
        self.assertEqual(found.components, ("main",))
        self.assertIsNone(found.archive_lines)
        await self.store.catalogue.add_series(NewSeries(name="x", archive_lines=()))
        self.assertEqual((await self.found("x")).archive_lines, ())

    async def test_twice(self) -> None:
        """A name is given once."""
        with self.assertRaises(ConflictError) as caught:
            await self.store.catalogue.add_series(NewSeries(name="bookworm"))
        self.assertEqual(caught.exception.field, "series")
        with self.assertRaises(ConflictError) as caught:
            await self.store.catalogue.add_architecture("bookworm", "amd64")
        self.assertEqual(caught.exception.field, "arch")

    async def test_unknown(self) -> None:
        """What names no series, or no architecture of it, is refused."""
        catalogue = self.store.catalogue
        for asking in (
            catalogue.find_series("x"),
            catalogue.change_series("x", SeriesChange()),
            catalogue.add_architecture("x", "amd64"),
            catalogue.change_architecture("x", "amd64", ArchChange()),
            catalogue.change_architecture("bookworm", "arm64", ArchChange()),
            catalogue.set_chroot("x", "amd64", None),
            catalogue.set_chroot("bookworm", "arm64", await self.add_file("c.tar")),
            catalogue.change_series(
                "bookworm", SeriesChange(nominated_architecture="arm64")
            ),
        ):
            with self.assertRaises(NotFoundError):
                await asking

    async def test_changed(self) -> None:
        """What is said of a series becomes so, and the rest stays as it was."""
        what: dict[str, Any] = {
            "status": SeriesStatus.SUPPORTED,
            "nominated_architecture": "amd64",
            "strict_components": False,
        }
        before = await self.found()
        for field, value in what.items():
            change = SeriesChange(**{field: value})
            await self.store.catalogue.change_series("bookworm", change)
            after = await self.found()
            self.assertEqual(after, evolve(before, **{field: value}))
            before = after

    async def test_architectures(self) -> None:
        """Architectures are listed in the order in which they were added."""
        for name in ("s390x", "arm64"):
            await self.store.catalogue.add_architecture("bookworm", name)
        found = (await self.found()).architectures
        names = [one.architecture for one in found]
        self.assertEqual(names, ["amd64", "s390x", "arm64"])
        self.assertEqual(found[1], ArchDetail(architecture="s390x", chroots={}))

    async def test_architecture_changed(self) -> None:
        """What is said of an architecture becomes so, and the rest stays as it was."""
        what: dict[str, Any] = {
            "enabled": False,
            "supports_virtualized": False,
            "supports_nonvirtualized": False,
            "wall": 3600.5,
            "silence": 60.0,
        }
        before = await self.arch()
        for field, value in what.items():
            after = await self.change_arch(**{field: value})
            self.assertEqual(after, evolve(before, **{field: value}))
            before = after
        after = await self.change_arch(wall=0.0)
        self.assertEqual(after, evolve(before, wall=None))

    async def test_changed_at_once(self) -> None:
        """Of many who change an architecture at once, nobody is forgotten."""
        before = await self.arch()
        what: dict[str, Any] = {
            "enabled": False,
            "supports_virtualized": False,
            "wall": 60.0,
        }
        asked = [
            self.store.catalogue.change_architecture(
                "bookworm", "amd64", ArchChange(**{field: value})
            )
            for field, value in what.items()
        ]
        for fine, answer in await DeferredList(asked, consumeErrors=True):
            self.assertTrue(fine, answer)
        self.assertEqual(await self.arch(), evolve(before, **what))

    async def test_limits(self) -> None:
        """A build is told what is said of how long it may take."""
        await self.change_arch(wall=100.0, silence=10.0)
        assignment = await self.running()
        self.assertEqual((assignment.wall.said, assignment.silence.said), (100.0, 10.0))

    async def test_virtual(self) -> None:
        """What waits is for virtual builders if there are no others from now on."""
        await self.submit()
        await self.change_arch(supports_nonvirtualized=False)
        self.assertIsNone(await self.claim())
        await self.change_arch(supports_nonvirtualized=True)
        self.assertIsNotNone(await self.claim())

    # --- chroots

    async def chroots(self) -> dict[Pocket, str]:
        """Tell in which chroot each pocket is built."""
        arch = await self.arch()
        found = {pocket: arch.chroot(pocket) for pocket in Pocket}
        return {pocket: file.name for pocket, file in found.items() if file}

    async def set_chroot(self, name: str | None, pocket: Pocket) -> None:
        """Have a pocket of bookworm built in a chroot, or in the next one's."""
        file = None if name is None else await self.add_file(name)
        await self.store.catalogue.set_chroot("bookworm", "amd64", file, pocket)

    async def test_chroot_replaced(self) -> None:
        """A new chroot takes the place of the old one."""
        await self.set_chroot("new.tar", Pocket.RELEASE)
        self.assertEqual(await self.chroots(), dict.fromkeys(Pocket, "new.tar"))

    async def test_chroot_of_a_pocket(self) -> None:
        """A pocket has its own chroot, or that of the nearest. Case 96."""
        await self.set_chroot("security.tar", Pocket.SECURITY)
        await self.set_chroot("backports.tar", Pocket.BACKPORTS)
        expected = {
            Pocket.RELEASE: "chroot-amd64.tar.gz",
            Pocket.SECURITY: "security.tar",
            Pocket.UPDATES: "security.tar",
            Pocket.PROPOSED: "security.tar",
            Pocket.BACKPORTS: "backports.tar",
        }
        self.assertEqual(await self.chroots(), expected)
        await self.submit(pocket=Pocket.PROPOSED)
        assignment = await self.claimed()
        self.assertEqual(assignment.job.chroot.name, "security.tar")

    async def test_chroot_removed(self) -> None:
        """When its own chroot is gone, a pocket has the nearest again. Case 96."""
        await self.set_chroot("updates.tar", Pocket.UPDATES)
        await self.set_chroot(None, Pocket.UPDATES)
        release = dict.fromkeys(Pocket, "chroot-amd64.tar.gz")
        self.assertEqual(await self.chroots(), release)
        with self.assertRaises(NotFoundError) as caught:
            await self.set_chroot(None, Pocket.UPDATES)
        self.assertEqual(caught.exception.field, "chroot")
        await self.set_chroot(None, Pocket.RELEASE)
        self.assertEqual(await self.chroots(), {})

    async def test_no_chroot(self) -> None:
        """What has no chroot waits until there is one."""
        await self.set_chroot(None, Pocket.RELEASE)
        await self.submit()
        self.assertIsNone(await self.claim())
        await self.set_chroot("chroot.tar", Pocket.RELEASE)
        self.assertIsNotNone(await self.claim())
