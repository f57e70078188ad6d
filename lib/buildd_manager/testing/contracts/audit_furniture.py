"""What is promised of what stays written down of a farm's furniture."""

from buildd_manager.domain.archives import ArchiveChange, Dependency, NewArchive
from buildd_manager.domain.audit import Deed, Kind
from buildd_manager.domain.builders import CleanState, ResetProtocol
from buildd_manager.domain.catalogue import (
    ArchChange,
    BuilderChange,
    NewBuilder,
    NewSeries,
    SeriesChange,
)
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.contracts.audit import Audited


#: What is told of the key ``key``.
KEY = "sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"


class FurnitureAuditContract(Audited):
    """What people do to builders, series and archives is written down."""

    async def test_builders(self) -> None:
        """A builder is added, changed and taken out of use by somebody."""
        new = NewBuilder(
            name="vera",
            url="http://vera:8221",
            architectures=("amd64",),
            virtualized=True,
            vm_host="host-1",
            reset_protocol=ResetProtocol.V2_0,
        )
        vera = await self.catalogue.add_builder(new)
        change = BuilderChange(ok=False, fail_notes="new fan", manual=False)
        await self.catalogue.change_builder("vera", change)
        await self.catalogue.change_builder("vera", BuilderChange(ok=True))
        lease = await self.take(self.lease.owner, vera)
        await self.make(CleanState.CLEANING, lease)
        await self.catalogue.set_clean("vera")
        told = [(one.what, one.changes) for one in await self.done()]
        self.assertEqual(
            told,
            [
                (
                    "add",
                    {
                        "url": (None, "http://vera:8221"),
                        "architectures": (None, ["amd64"]),
                        "virtualized": (None, True),
                        "vm_host": (None, "host-1"),
                        "reset_protocol": (None, "2.0"),
                        "manual": (None, False),
                    },
                ),
                ("edit", {"ok": (True, False), "fail_notes": (None, "new fan")}),
                ("edit", {"ok": (False, True), "fail_notes": ("new fan", None)}),
                ("set-clean", {"clean": ("cleaning", "clean")}),
            ],
        )
        things = {(one.kind, one.name) for one in await self.done()}
        self.assertEqual(things, {(Kind.BUILDER, "vera")})

    async def test_series(self) -> None:
        """A series is added and changed by somebody, and its primary archive comes."""
        new = NewSeries(
            name="noble",
            distribution="ubuntu",
            strict_components=False,
            archive_lines=("deb http://u:open-sesame@x noble main",),
        )
        await self.catalogue.add_series(new)
        change = SeriesChange(status=SeriesStatus.OBSOLETE)
        await self.catalogue.change_series("noble", change)
        archive, added, edited = await self.done()
        self.assertEqual(
            (archive.kind, archive.name, archive.what),
            (Kind.ARCHIVE, "ubuntu", "add"),
        )
        self.assertEqual(archive.changes["purpose"], (None, "primary"))
        self.assertEqual(
            added,
            Deed(
                Kind.SERIES,
                "noble",
                "add",
                {
                    "distribution": (None, "ubuntu"),
                    "status": (None, "development"),
                    "component": (None, "main"),
                    "strict_components": (None, False),
                    "archive_lines": (None, ["deb http://u:<redacted>@x noble main"]),
                },
            ),
        )
        changes = {"status": ("development", "obsolete")}
        self.assertEqual(edited, Deed(Kind.SERIES, "noble", "edit", changes))

    async def test_architectures(self) -> None:
        """An architecture is added, changed and given chroots by somebody."""
        catalogue, series = self.catalogue, "bookworm"
        await catalogue.add_architecture(series, "s390x")
        await catalogue.change_architecture(series, "s390x", ArchChange(enabled=False))
        for name in ("a.tar", "b.tar"):
            file = await self.add_file(name)
            await catalogue.set_chroot(series, "s390x", file, Pocket.UPDATES)
        await catalogue.set_chroot(series, "s390x", None, Pocket.UPDATES)
        a, b = (f"{name} sha256:{'a' * 64}" for name in ("a.tar", "b.tar"))
        self.assertEqual(
            await self.done(),
            [
                Deed(Kind.SERIES, series, what, changes)
                for what, changes in (
                    ("arch-add s390x", {}),
                    ("arch-edit s390x", {"enabled": (True, False)}),
                    ("chroot-set s390x updates", {"chroot": (None, a)}),
                    ("chroot-set s390x updates", {"chroot": (a, b)}),
                    ("chroot-unset s390x updates", {"chroot": (b, None)}),
                )
            ],
        )

    async def test_archives(self) -> None:
        """An archive is added and changed by somebody; its secrets are not told."""
        new = NewArchive(
            name="ppa",
            private=True,
            secret=Secret("open-sesame"),
            signing_key="a2V5",
            dependencies=(Dependency("debian"),),
        )
        await self.catalogue.add_archive(new)
        change = ArchiveChange(secret=Secret("close-sesame"), enabled=False)
        await self.catalogue.change_archive("ppa", change)
        other = Dependency("debian", Pocket.UPDATES, "universe")
        await self.catalogue.depend("ppa", other)
        await self.catalogue.depend_no_more("ppa", "debian")
        added, *rest = await self.done()
        self.assertEqual((added.kind, added.name), (Kind.ARCHIVE, "ppa"))
        for field, value in (
            ("private", True),
            ("secret", "<redacted>"),
            ("signing_key", KEY),
            ("dependencies", ["debian release"]),
        ):
            self.assertEqual(added.changes[field], (None, value))
        told = [(one.what, one.changes) for one in rest]
        before, after = ["debian release"], ["debian updates universe"]
        hidden = ("<redacted>", "<redacted>")
        self.assertEqual(
            told,
            [
                ("edit", {"enabled": (True, False), "secret": hidden}),
                ("depend", {"dependencies": (before, after)}),
                ("depend", {"dependencies": (after, [])}),
            ],
        )
        self.assertNotIn("sesame", str(await self.entries()))
