"""Which builds a source gets."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.catalogue import ArchDetail, SeriesDetail
from buildd_manager.domain.creation import Place, builds_for
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.sources import ListedFile, Source


def archive(**changes: Any) -> Archive:
    """Make the primary archive of debian, but for ``changes``."""
    good = {"name": "debian", "purpose": Purpose.PRIMARY, "distribution": "debian"}
    return Archive(id=1, **{**good, **changes})


def arch(name: str, **details: Any) -> ArchDetail:
    """Make an architecture without chroots."""
    return ArchDetail(architecture=name, chroots={}, **details)


def series(
    *architectures: str | ArchDetail, status: SeriesStatus, nominated: str | None
) -> SeriesDetail:
    """Make a series with main and contrib."""
    known = [arch(one) if isinstance(one, str) else one for one in architectures]
    return SeriesDetail(
        name="trixie",
        distribution="debian",
        status=status,
        component="main",
        components=("main", "contrib"),
        strict_components=True,
        nominated_architecture=nominated,
        archive_lines=None,
        architectures=tuple(known),
    )


def place(
    *architectures: str | ArchDetail,
    nominated: str | None = None,
    status: SeriesStatus = SeriesStatus.DEVELOPMENT,
    **changes: Any,
) -> Place:
    """Make a place that takes anything, but for ``changes``."""
    good: dict[str, Any] = {
        "archive": archive(),
        "series": series(*architectures, status=status, nominated=nominated),
        "pocket": Pocket.RELEASE,
        "component": "main",
    }
    return Place(**{**good, **changes})


def source(hints: str, indep: str = "", size: int = 0) -> Source:
    """Make a source with an architecture field."""
    return Source(
        name="hello",
        version="1",
        hints=tuple(hints.split()),
        files=(ListedFile(name="hello_1.tar.xz", size=size, sha256="0" * 64),),
        indep_hints=tuple(indep.split()),
    )


class CreationCase(SynchronousTestCase):
    """Ways to ask, and to be refused."""

    def wants(self, hints: str, where: Place, indep: str = "") -> list[str]:
        """Ask for the builds; what builds for all has a star."""
        return [
            one.architecture + "*" * one.arch_indep
            for one in builds_for(source(hints, indep), where)
        ]

    def refused(self, field: str, hints: str, where: Place, indep: str = "") -> str:
        """Check that there are no builds, and whose fault that is."""
        error = self.assertRaises(InvalidError, builds_for, source(hints, indep), where)
        self.assertEqual(error.field, field)
        return str(error)


class ArchitectureTests(CreationCase):
    """The architectures that a source is built for."""

    def test_any(self) -> None:
        """Any architecture is every architecture."""
        where = place("amd64", "arm64", "kfreebsd-amd64")
        every = ["amd64", "arm64", "kfreebsd-amd64"]
        self.assertEqual(self.wants("any", where), every)
        self.assertEqual(self.wants("linux-any", where), ["amd64", "arm64"])

    def test_named(self) -> None:
        """Named architectures are built where they are available."""
        for hints in ("arm64 riscv64", "any-arm64", "linux-arm64", "arm64 any-arm64"):
            self.assertEqual(self.wants(hints, place("amd64", "arm64")), ["arm64"])

    def test_none(self) -> None:
        """What suits nothing is refused, and told what there is."""
        self.assertIn("amd64", self.refused("Architecture", "hurd-any", place("amd64")))
        self.refused("Architecture", "kfreebsd-any", place("amd64", "i386"))
        self.refused("Architecture", "all any", place())

    def test_disabled(self) -> None:
        """An architecture that is disabled gets nothing, not even what is for all."""
        where = place(arch("amd64", enabled=False), "arm64")
        self.assertEqual(self.wants("any all", where), ["arm64*"])
        self.assertIn("enable", self.refused("Architecture", "amd64", where))

    def test_estimate(self) -> None:
        """What is not known to take long is judged by its size. Case 112."""
        for size, seconds in ((0, 300.0), (1, 60.0), (6 * 1024 * 60 * 5, 360.0)):
            (build,) = builds_for(source("any", size=size), place("amd64"))
            self.assertEqual(build.estimate, seconds)


class ForAllTests(CreationCase):
    """Packages that are the same for all architectures."""

    def test_alone(self) -> None:
        """They are built once, on the first architecture if none is nominated."""
        self.assertEqual(self.wants("all", place("amd64", "arm64")), ["amd64*"])

    def test_with_others(self) -> None:
        """They come from a build that is there anyhow, if that is the right one."""
        where = place("amd64", "arm64")
        self.assertEqual(self.wants("any all", where), ["amd64*", "arm64"])
        self.assertEqual(self.wants("all arm64", where), ["amd64*", "arm64"])

    def test_nominated(self) -> None:
        """They are built on the architecture that is nominated, if that is usable."""
        where = place("amd64", "arm64", nominated="arm64")
        self.assertEqual(self.wants("all", where), ["arm64*"])
        self.assertEqual(self.wants("any all", where), ["amd64", "arm64*"])
        self.assertEqual(self.wants("amd64 all", where), ["amd64", "arm64*"])
        off = arch("arm64", enabled=False)
        where = place("amd64", off, nominated="arm64")
        self.assertEqual(self.wants("all", where), ["amd64*"])

    def test_where_it_says(self) -> None:
        """A source that says where they are built has them built there."""
        where = place("amd64", "arm64", "armhf", nominated="arm64")
        self.assertEqual(self.wants("all", where, "armhf"), ["armhf*"])
        self.assertEqual(self.wants("all", where, "any-arm any-arm64"), ["arm64*"])
        self.assertEqual(self.wants("amd64", where, "armhf"), ["amd64"])
        self.refused("Build-Indep-Architecture", "any all", where, "s390x")

    @given(
        st.lists(st.sampled_from(["any", "all", "amd64", "linux-any", "x"])),
        st.lists(st.sampled_from(["amd64", "arm64", "armhf"]), unique=True),
        st.sampled_from([None, "amd64", "armhf", "s390x"]),
    )
    def test_once(
        self, hints: list[str], available: list[str], nominated: str | None
    ) -> None:
        """No architecture is built for twice, and just one builds what is for all."""
        where = place(*available, nominated=nominated)
        try:
            builds = builds_for(source(" ".join(hints)), where)
        except InvalidError:
            suits = {"any", "all", "linux-any", *available}
            self.assertFalse(available and suits.intersection(hints))
            return
        named = [one.architecture for one in builds]
        self.assertEqual(named, [one for one in available if one in named])
        self.assertEqual(sum(one.arch_indep for one in builds), int("all" in hints))


class VirtualTests(CreationCase):
    """What is for virtual builders."""

    def test_archive(self) -> None:
        """An archive may want virtual builders for all of its builds. Case 72."""
        for wants in (False, True):
            where = place("amd64", archive=archive(require_virtualized=wants))
            (build,) = builds_for(source("any"), where)
            self.assertIs(build.virtualized, wants)

    def test_architecture(self) -> None:
        """An architecture may have virtual builders only."""
        where = place(arch("riscv64", supports_nonvirtualized=False), "amd64")
        builds = builds_for(source("any"), where)
        self.assertEqual([one.virtualized for one in builds], [True, False])

    def test_contradiction(self) -> None:
        """What needs virtual builders is not built where there are none. Case 91."""
        real = arch("s390x", supports_virtualized=False)
        where = place("amd64", real, archive=archive(require_virtualized=True))
        self.assertEqual(self.wants("any all", where), ["amd64*"])
        self.refused("archive", "s390x", where)
        nothing = arch("x", supports_virtualized=False, supports_nonvirtualized=False)
        self.assertEqual(self.wants("any", place("amd64", nothing)), ["amd64"])


class PlaceTests(SynchronousTestCase):
    """Where a source may be published."""

    def refused(self, field: str, **changes: Any) -> str:
        """Check that nothing is taken there."""
        error = self.assertRaises(InvalidError, place, "amd64", **changes)
        self.assertEqual(error.field, field)
        return str(error)

    def test_stable(self) -> None:
        """The release of a stable series takes nothing any more. Case 91."""
        for status in (SeriesStatus.CURRENT, SeriesStatus.SUPPORTED):
            self.assertIn("proposed", self.refused("pocket", status=status))
            place("amd64", status=status, pocket=Pocket.UPDATES)
            place("amd64", status=status, archive=archive(purpose=Purpose.PPA))

    def test_unreleased(self) -> None:
        """A series that nobody has yet needs no updates."""
        self.assertIn("release", self.refused("pocket", pocket=Pocket.UPDATES))
        place("amd64", pocket=Pocket.PROPOSED)

    def test_embargoed(self) -> None:
        """What is embargoed is not built here, wherever it goes. Cases 70, 91."""
        for purpose in Purpose:
            where = archive(purpose=purpose)
            told = self.refused("pocket", pocket=Pocket.SECURITY, archive=where)
            self.assertNotIn("security", told.partition(";")[2])

    def test_allowed(self) -> None:
        """An archive may be told to take both all the same. Cases 70, 91."""
        frank = archive(build_security=True)
        current = SeriesStatus.CURRENT
        place("amd64", pocket=Pocket.SECURITY, archive=frank, status=current)
        told = self.refused("pocket", pocket=Pocket.SECURITY, archive=frank)
        self.assertIn("development", told)
        told = self.refused("pocket", archive=frank, status=current)
        self.assertIn("security", told.partition(";")[2])
        obsolete = SeriesStatus.OBSOLETE
        old = archive(build_obsolete=True)
        place("amd64", pocket=Pocket.UPDATES, archive=old, status=obsolete)
        self.refused("pocket", archive=old, status=obsolete)
        self.refused("series", archive=frank, status=obsolete)

    def test_obsolete(self) -> None:
        """Nothing is built for an obsolete series. Case 70."""
        for purpose in Purpose:
            where = archive(purpose=purpose)
            status = SeriesStatus.OBSOLETE
            self.refused("series", status=status, archive=where, pocket=Pocket.UPDATES)

    def test_strangers(self) -> None:
        """Archive and series belong together, and the series has the component."""
        self.refused("archive", archive=archive(distribution="ubuntu"))
        self.assertIn("contrib", self.refused("component", component="universe"))
        place("amd64", component="contrib")
