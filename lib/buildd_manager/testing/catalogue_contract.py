"""What every store promises to people who fill and watch a farm."""

from typing import Any

from twisted.internet.defer import Deferred

from buildd_manager.domain.architectures import Wanted
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewBuilder, NewSeries, Submission
from buildd_manager.domain.errors import ConflictError, NotFoundError
from buildd_manager.domain.sources import Source
from buildd_manager.testing.store_case import StoreCase


class CatalogueContract(StoreCase):
    """The catalogue and the index of files of a store."""

    async def test_builders(self) -> None:
        """Builders are listed by name, and found with what they build."""
        new = NewBuilder(
            name="ann",
            url="http://ann:8221",
            architectures=("arm64", "armhf"),
            virtualized=True,
            vm_host="host1",
            manual=True,
        )
        ann = await self.store.catalogue.add_builder(new)
        self.assertEqual(ann.architectures, ("arm64", "armhf"))
        self.assertEqual(
            (ann.virtualized, ann.vm_host, ann.manual), (True, "host1", True)
        )
        self.assertIs(ann.clean, CleanState.DIRTY)
        listed = await self.store.catalogue.builders()
        self.assertEqual([one.name for one in listed], ["ann", "bob"])
        found, none = await self.store.catalogue.find_builder("ann")
        self.assertEqual((found, none), (ann, None))
        assignment = await self.running()
        _, build = await self.store.catalogue.find_builder("bob")
        assert build is not None
        self.assertEqual(build.id, assignment.cookie.build)

    # --- the catalogue

    async def test_series(self) -> None:
        """A series is found as it was added, its architectures in their order."""
        catalogue = self.store.catalogue
        lines = ("deb http://x trixie main",)
        await catalogue.add_series(
            NewSeries(
                name="trixie",
                distribution="ubuntu",
                component="universe",
                archive_lines=lines,
            )
        )
        await catalogue.add_architecture("trixie", "riscv64")
        await catalogue.add_architecture("trixie", "amd64")
        found = await catalogue.find_series("trixie")
        self.assertEqual((found.distribution, found.component), ("ubuntu", "universe"))
        self.assertEqual(found.archive_lines, lines)
        self.assertEqual(
            [(one.architecture, one.chroot) for one in found.architectures],
            [("riscv64", None), ("amd64", None)],
        )
        listed = await catalogue.series()
        self.assertEqual([one.name for one in listed], ["bookworm", "trixie"])
        chroot = listed[0].architectures[0].chroot
        assert chroot is not None
        self.assertEqual(chroot.name, "chroot.tar.gz")

    async def test_chroot_replaced(self) -> None:
        """A chroot that is set again replaces the one before."""
        chroot = await self.add_file("newer.tar.gz", "d")
        await self.store.catalogue.set_chroot("bookworm", "amd64", chroot)
        found = await self.store.catalogue.find_series("bookworm")
        self.assertEqual(found.architectures[0].chroot, chroot)

    async def test_conflicts(self) -> None:
        """What is there already is not added again, and the field is named."""
        catalogue = self.store.catalogue
        again: list[tuple[str, Deferred[Any]]] = [
            ("series", catalogue.add_series(NewSeries(name="bookworm"))),
            ("arch", catalogue.add_architecture("bookworm", "amd64")),
            (
                "builder",
                catalogue.add_builder(
                    NewBuilder(name="bob", url="http://x:1", architectures=("amd64",))
                ),
            ),
            (
                "url",
                catalogue.add_builder(
                    NewBuilder(
                        name="bill", url="http://bob:8221", architectures=("amd64",)
                    )
                ),
            ),
        ]
        for field, adding in again:
            with self.assertRaises(ConflictError) as caught:
                await adding
            self.assertEqual(caught.exception.field, field)
        self.assertEqual(len(await catalogue.builders()), 1)

    async def test_unknown(self) -> None:
        """What does not exist is named."""
        catalogue = self.store.catalogue
        chroot = await self.add_file("c.tar.gz")
        asked: list[tuple[str, Deferred[Any]]] = [
            ("series", catalogue.find_series("x")),
            ("series", catalogue.add_architecture("x", "amd64")),
            ("series", catalogue.set_chroot("x", "amd64", chroot)),
            ("arch", catalogue.set_chroot("bookworm", "x", chroot)),
            ("builder", catalogue.find_builder("x")),
            ("build", catalogue.find_build(99)),
            ("build", catalogue.find_build(2**70)),
            ("file", self.store.files.find_file(10**18)),
            ("file", self.store.files.find_file(2**70)),
        ]
        for field, asking in asked:
            with self.assertRaises(NotFoundError) as caught:
                await asking
            self.assertEqual(caught.exception.field, field)

    async def test_submitted_whole_or_not(self) -> None:
        """A source with a build that cannot be added is not added at all."""
        for series, arch in (("x", "amd64"), ("bookworm", "x")):
            submission = Submission(
                source=Source(name="hello", version="1", hints=("any",), files=()),
                series=series,
                wanted=(
                    Wanted("amd64", arch_indep=False),
                    Wanted(arch, arch_indep=False),
                ),
                files=(await self.add_file("hello_1.dsc"),),
                score=0,
            )
            with self.assertRaises(NotFoundError):
                await self.store.catalogue.submit(submission)
        self.assertEqual(list(await self.store.catalogue.builds(None, 9)), [])

    async def test_builds(self) -> None:
        """Builds are listed from the newest on, page by page."""
        numbers = [(await self.submit()).id for _ in range(3)]
        first = await self.store.catalogue.builds(None, 2)
        self.assertEqual([one.id for one in first], [numbers[2], numbers[1]])
        second = await self.store.catalogue.builds(first[-1].id, 2)
        self.assertEqual([one.id for one in second], [numbers[0]])
        build = second[0]
        self.assertEqual(
            (build.source, build.version, build.series, build.architecture),
            ("hello", "1", "bookworm", "amd64"),
        )
        self.assertIs(build.state, BuildState.NEEDS_BUILD)
        self.assertIsNone(build.builder)

    async def test_files(self) -> None:
        """A file is found by its alias; one content may have several names."""
        one, two = await self.add_file("one"), await self.add_file("two")
        self.assertNotEqual(one.alias, two.alias)
        self.assertEqual(await self.store.files.find_file(one.alias), one)
        self.assertEqual(await self.store.files.find_file(two.alias), two)
