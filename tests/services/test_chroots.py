"""Architectures with a chroot, and without."""

from twisted.internet.defer import fail

from buildd_manager.domain.catalogue import ArchChange, NewSeries, SeriesChange
from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.catalogue import MemoryCatalogue
from tests.services.scene import Scene


MISSING = "Disabling: No CHROOT found for woody for i386 pocket 'Release'"


class ChrootTests(Scene):
    """A series that has its chroot, and another one that has none."""

    def setUp(self) -> None:
        super().setUp()
        self.now(self.store.catalogue.add_series(NewSeries(name="woody")))
        self.now(self.store.catalogue.add_architecture("woody", "i386"))

    def survey(self, pocket: Pocket = Pocket.RELEASE) -> list[str]:
        found = self.now(self.works.chroots.survey(pocket))
        return list(found)

    def test_missing(self) -> None:
        """What has no chroot is told of, and left out. Case 124."""
        self.assertEqual(self.survey(), ["debian/bookworm/amd64"])
        self.assertEqual(self.said(), [MISSING])

    def test_once(self) -> None:
        """It is told of once, until it has a chroot and loses that."""
        chroot = self.file("woody.tar.gz", b"chroot")
        for _ in range(3):
            self.survey()
        self.now(self.store.catalogue.set_chroot("woody", "i386", chroot))
        self.assertEqual(self.survey(), ["debian/bookworm/amd64", "debian/woody/i386"])
        self.now(self.store.catalogue.set_chroot("woody", "i386", None))
        self.survey()
        self.assertEqual(self.said(), [MISSING] * 2)

    def test_pocket(self) -> None:
        """A pocket may have one where the release has none, but not the reverse."""
        chroot = self.file("woody.tar.gz", b"chroot")
        updates = Pocket.UPDATES
        self.now(self.store.catalogue.set_chroot("woody", "i386", chroot, updates))
        self.assertEqual(self.survey(), ["debian/bookworm/amd64"])
        both = ["debian/bookworm/amd64", "debian/woody/i386"]
        self.assertEqual(self.survey(Pocket.PROPOSED), both)
        self.survey()
        self.assertEqual(self.said(), [MISSING])

    def test_not_wanted(self) -> None:
        """Of what nobody wants built nothing is said."""
        change = ArchChange(enabled=False)
        self.now(self.store.catalogue.change_architecture("woody", "i386", change))
        obsolete = SeriesChange(status=SeriesStatus.OBSOLETE)
        self.now(self.store.catalogue.change_series("bookworm", obsolete))
        self.assertEqual(self.survey(), [])
        self.assertEqual(self.said(), [])

    def test_service(self) -> None:
        """It looks by itself, again and again, even if the database goes away."""
        self.works.chroots.startService()
        self.clock.advance(0)
        self.assertEqual(self.said(), [MISSING])
        series = MemoryCatalogue.series
        away = lambda _: fail(StoreUnavailableError("away"))  # noqa: E731
        self.patch(MemoryCatalogue, "series", away)
        self.clock.advance(self.pace.dep_waits)
        self.assertEqual(self.said()[1:], ["no chroots looked for: away"])
        self.patch(MemoryCatalogue, "series", series)
        self.now(self.store.catalogue.add_architecture("woody", "amd64"))
        self.clock.advance(self.pace.dep_waits)
        self.assertEqual(self.said()[2:], [MISSING.replace("i386", "amd64")])
        self.now(self.works.chroots.stopService())
        self.assertEqual(self.clock.getDelayedCalls(), [])
