"""Sources that programs send to be built."""

import tarfile
from typing import Any

from buildd_manager.domain.archives import ArchiveChange, NewArchive
from buildd_manager.domain.catalogue import ArchChange, NewSeries, SeriesChange
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.scores import Urgency
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.rows import BuildRow
from tests.api.support import DSC, TARBALL, ApiCase, dsc_of, tar_of
from tests.bad_inputs import cases


class SubmissionTests(ApiCase):
    """Sources that are sent to be built."""

    path = "sources?series=bookworm"

    async def stored(self) -> int:
        """Count what is kept: builds and files."""
        return len(self.rows.builds) + len(self.librarian.contents)

    async def not_taken(self, field: str, body: bytes, status: int = 422) -> None:
        """Check that ``body`` is refused and that nothing of it is kept."""
        await self.refused(status, field, "POST", self.path, body)
        self.assertEqual(await self.stored(), 0)
        self.assertEqual(self.changes, [])

    async def test_taken(self) -> None:
        """A source is kept whole, and waits to be built."""
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        code, told = await self.ask("POST", f"{self.path}&score=-5", body)
        self.assertEqual((code, told["source"], told["version"]), (201, "hello", "1"))
        (build,) = told["builds"]
        self.assertEqual((build["arch"], build["state"]), ("amd64", "Needs building"))
        self.assertEqual(build["score"], -5)
        self.assertEqual(set(self.librarian.contents.values()), {DSC, b"source"})
        self.assertEqual(len(self.changes), 1)

    async def test_private(self) -> None:
        """What is sent to a private archive is for few people. Case 90."""
        new = NewArchive(name="ppa", private=True, secret=Secret("open-sesame"))
        await self.store.catalogue.add_archive(new)
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        for archive, restricted in (("ppa", True), ("debian", False)):
            path = f"{self.path}&archive={archive}"
            code, told = await self.ask("POST", path, body)
            self.assertEqual(code, 201, told)
            source = self.rows.builds[told["builds"][0]["id"]].source
            self.assertEqual([one.restricted for one in source.files], [restricted] * 2)

    async def test_incomplete(self) -> None:
        """A file that is listed and missing is named."""
        await self.not_taken("hello_1.tar.xz", tar_of(hello_1__dsc=DSC))

    async def test_mismatch(self) -> None:
        """A file that is not the one listed is named."""
        for content in (b"Source", b"source code"):
            body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=content)
            await self.not_taken("hello_1.tar.xz", body)

    async def test_extra(self) -> None:
        """A file that is not listed is named."""
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source", x=b"")
        await self.not_taken("x", body)

    async def test_dsc(self) -> None:
        """There is one .dsc, no more and no less."""
        await self.not_taken("dsc", tar_of(hello_1__tar__xz=b"source"))
        await self.not_taken("dsc", tar_of(a__dsc=DSC, b__dsc=DSC))
        await self.not_taken("dsc", tar_of(a__dsc=b"x" * (2**20 + 1)))
        await self.not_taken("a.dsc", tar_of(a__dsc=b"\xff"))

    async def test_bad_dsc(self) -> None:
        """What a stranger makes up is refused, and nothing of it is kept."""
        for case in cases("sources/dsc"):
            body = tar_of(
                hello__dsc=case.whole("dsc"), **{"hello_2__10-5__tar__gz": b""}
            )
            await self.not_taken(case["field"], body, case["status"])

    async def test_bad_tar(self) -> None:
        """What is no tar, or has more than plain files, is refused."""
        await self.not_taken("body", b"")
        await self.not_taken("body", b"no tar at all" * 100)
        await self.not_taken("file", tar_of(**{"../x": b"x"}))
        await self.not_taken("file", tar_of(**{"/etc/passwd": b"x"}))
        entry = tarfile.TarInfo("hello")
        await self.not_taken("hello", entry.tobuf() * 2 + bytes(1024))
        many = (tarfile.TarInfo(f"x{number}").tobuf() for number in range(1001))
        await self.not_taken("body", b"".join(many) + bytes(1024))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE):
            entry = tarfile.TarInfo("hello")
            entry.type, entry.linkname = kind, "/etc/passwd"
            await self.not_taken("hello", entry.tobuf() + bytes(1024))

    async def test_hostile_tar(self) -> None:
        """Headers that want to surprise a reader of tars are no tar."""
        for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE):
            entry = tarfile.TarInfo("remark")
            entry.type, entry.size = kind, 2**40
            await self.not_taken("body", entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
            entry.size = 0
            await self.not_taken("body", entry.tobuf() * 2000)
        entry = tarfile.TarInfo("hello_1.dsc")
        entry.size = 2**40
        await self.not_taken("body", entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        negative = bytearray(tarfile.TarInfo("hello_1.dsc").tobuf())
        negative[124:136] = b"\xff" * 12
        negative[148:156] = b" " * 8
        negative[148:156] = b"%06o\0 " % sum(negative)
        await self.not_taken("hello_1.dsc", bytes(negative) + bytes(1024))

    async def test_another_kind(self) -> None:
        """A body of a kind that is not for large ones is not taken for one."""
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            code, told = await self.ask("POST", self.path, body, content_type=kind)
            self.assertEqual((code, told["field"]), (415, "content-type"))
        code, _ = await self.ask("POST", "series", b"{}")
        self.assertEqual(code, 415)
        self.assertEqual(await self.stored(), 0)

    async def test_unknown_series(self) -> None:
        """The series must be there, and be said."""
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        await self.refused(404, "series", "POST", "sources?series=x", body)
        await self.refused(422, "series", "POST", "sources", body)
        for score in ("1e9", "1000001", "-1000001", "", "%00"):
            path = f"{self.path}&score={score}"
            await self.refused(422, "score", "POST", path, body)
        self.assertEqual(await self.stored(), 0)

    async def test_no_architecture(self) -> None:
        """A source that suits no architecture of the series is refused."""
        body = tar_of(
            hello_1__dsc=dsc_of(TARBALL, architecture="s390x"),
            hello_1__tar__xz=b"source",
        )
        await self.not_taken("Architecture", body)


class WishTests(ApiCase):
    """What is wanted to be done with a source."""

    body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")

    async def submit(self, more: str = "", body: bytes = body) -> BuildRow:
        """Submit a source that has one build; give its row."""
        path = f"sources?series=bookworm{more}"
        code, told = await self.ask("POST", path, body)
        self.assertEqual(code, 201, told)
        (build,) = told["builds"]
        return self.rows.builds[build["id"]]

    async def refuse(self, status: int, field: str, more: str = "") -> None:
        """Check that a wish is refused, and that nothing is kept."""
        path = f"sources?series=bookworm{more}"
        await self.refused(status, field, "POST", path, self.body)
        self.assertEqual((self.rows.builds, self.librarian.contents), ({}, {}))

    async def test_nothing_said(self) -> None:
        """A source goes to release and main of the primary archive."""
        build = await self.submit()
        source = build.source
        self.assertEqual((source.archive, source.component), ("debian", "main"))
        self.assertEqual((source.pocket, source.urgency), (Pocket.RELEASE, Urgency.LOW))
        self.assertEqual((build.score, build.manual_score), (2505, False))
        self.assertFalse(build.virtualized)
        self.assertEqual((build.resources, source.section), ((), "misc"))

    async def test_all_said(self) -> None:
        """A source goes where it is wanted to go. Case 111."""
        await self.store.catalogue.add_archive(
            NewArchive(name="ppa", require_virtualized=True, relative_score=100)
        )
        await self.store.catalogue.add_series(
            NewSeries(name="sid", components=("main", "universe"))
        )
        await self.store.catalogue.add_architecture("sid", "amd64")
        path = "sources?series=sid&archive=ppa&pocket=proposed&component=universe"
        path += "&urgency=high&resource=gpu&resource=large"
        _, told = await self.ask("POST", path, self.body)
        (build,) = self.rows.builds.values()
        self.assertEqual(told["builds"][0]["pocket"], "proposed")
        self.assertEqual(build.source.archive, "ppa")
        self.assertEqual(build.source.component, "universe")
        self.assertEqual(build.score, 100 + 15 + 3000 + 250)
        self.assertEqual(build.resources, ("gpu", "large"))
        self.assertTrue(build.virtualized)

    async def test_score_by_hand(self) -> None:
        """A score that somebody has said stands, even if it is 0. Case 71."""
        build = await self.submit("&score=0")
        self.assertEqual((build.score, build.manual_score), (0, True))

    async def test_section(self) -> None:
        """Translations wait for everything else. Case 111."""
        dsc = DSC + b"Package-List:\n hello-de deb translations optional arch=all\n"
        body = tar_of(hello_1__dsc=dsc, hello_1__tar__xz=b"source")
        build = await self.submit(body=body)
        self.assertEqual((build.source.section, build.score), ("translations", 0))

    async def test_primary_of_another_name(self) -> None:
        """The primary archive need not have its distribution's name."""
        await self.add_ubuntu()
        _, told = await self.ask("POST", "sources?series=noble", self.body)
        self.assertEqual(told["builds"][0]["archive"], "main")
        await self.refused(
            422, "archive", "POST", "sources?series=noble&archive=debian", self.body
        )

    async def add_ubuntu(self) -> None:
        """Add a series of another distribution."""
        archive: dict[str, Any] = {"name": "main", "purpose": "primary"}
        await self.ask("POST", "archives", archive | {"distribution": "ubuntu"})
        series = NewSeries(name="noble", distribution="ubuntu")
        await self.store.catalogue.add_series(series)
        await self.store.catalogue.add_architecture("noble", "amd64")

    async def test_refused(self) -> None:
        """What cannot be is refused by its name."""
        for more, field in (
            ("&archive=X", "archive"),
            ("&pocket=stable", "pocket"),
            ("&pocket=security", "pocket"),
            ("&component=x", "component"),
            ("&component=", "component"),
            ("&component=%00", "component"),
            ("&urgency=now", "urgency"),
            ("&resource=a%20b", "resource"),
            ("&resource=a&resource=a", "resource"),
            ("".join(f"&resource=a{number}" for number in range(17)), "resource"),
        ):
            await self.refuse(422, field, more)
        await self.refuse(404, "archive", "&archive=ppa")

    async def test_stable(self) -> None:
        """The release of a stable series takes nothing any more. Case 91."""
        change = SeriesChange(status=SeriesStatus.CURRENT)
        await self.store.catalogue.change_series("bookworm", change)
        await self.refuse(422, "pocket")
        build = await self.submit("&pocket=updates")
        self.assertEqual(build.source.pocket, Pocket.UPDATES)

    async def test_nowhere(self) -> None:
        """Where no architecture is usable, nothing is taken."""
        archive = ArchiveChange(require_virtualized=True)
        await self.store.catalogue.change_archive("debian", archive)
        for change, field in (
            (ArchChange(supports_virtualized=False), "archive"),
            (ArchChange(enabled=False), "Architecture"),
        ):
            change_it = self.store.catalogue.change_architecture
            await change_it("bookworm", "amd64", change)
            await self.refuse(422, field)

    async def test_disabled(self) -> None:
        """What is for an archive that is disabled is taken, and waits."""
        change = ArchiveChange(enabled=False)
        await self.store.catalogue.change_archive("debian", change)
        await self.submit()
