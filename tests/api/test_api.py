"""What programs may ask and say."""

import tarfile

from twisted.internet.defer import fail

from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.testing.catalogue import MemoryCatalogue
from tests.api.support import DSC, LARGEST, TARBALL, TOKEN, ApiCase, dsc_of, tar_of


BOB = {"name": "bob", "url": "http://bob:8221", "arches": ["amd64"]}


class DoorTests(ApiCase):
    """Who may come in."""

    async def test_token(self) -> None:
        """Without the token there is nothing to be seen, wherever one looks."""
        for path in ("builders", "nowhere", "builds/1/log"):
            for said in ("", "Bearer", "Bearer x", f"Basic {TOKEN}"):
                code, told = await self.ask("GET", path, authorization=said)
                self.assertEqual((code, told["status"]), (401, 401))

    async def test_nowhere(self) -> None:
        """Where there is nothing, that is said; so is a wrong method."""
        self.assertEqual((await self.ask("GET", "nowhere"))[0], 404)
        self.assertEqual((await self.ask("DELETE", "builders"))[0], 405)

    async def test_too_large(self) -> None:
        """A body that is too large is refused before it is read."""
        code, told = await self.ask("POST", "builders", {"name": "x" * 2**20})
        self.assertEqual((code, told["type"]), (413, "urn:buildd-manager:too-large"))
        path = "sources?series=bookworm"
        code, _ = await self.ask("POST", path, b"x" * (LARGEST + 1))
        self.assertEqual(code, 413)

    async def test_bad_names(self) -> None:
        """What can be nobody's name never gets as far as the database."""
        for name in ("%00", "a%00", "..x", "A", "%20a", "a" * 64, "%F0%9F%90%9F"):
            await self.refused(422, "builder", "GET", f"builders/{name}")
            await self.refused(422, "series", "GET", f"series/{name}")
            path = f"series/{name}/architectures"
            await self.refused(422, "series", "POST", path, {"architecture": "amd64"})
            await self.refused(422, "series", "PUT", f"{path}/amd64/chroot", b"x")
            await self.refused(422, "series", "POST", f"sources?series={name}", b"x")
        path = "series/bookworm/architectures/%00/chroot"
        await self.refused(422, "arch", "PUT", path, b"x")

    async def test_database_away(self) -> None:
        """While the database is away, the answer is to try again."""
        away = fail(StoreUnavailableError("away"))
        self.patch(MemoryCatalogue, "builders", lambda _: away)
        code, told = await self.ask("GET", "builders")
        self.assertEqual((code, told["title"]), (503, "Not now"))

    async def test_our_fault(self) -> None:
        """What is our fault has a number, and no details for strangers."""
        self.patch(MemoryCatalogue, "builders", lambda _: 1 / 0)
        code, told = await self.ask("GET", "builders")
        self.assertEqual(code, 500)
        self.assertNotIn("division", str(told))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class BuilderTests(ApiCase):
    """Builders."""

    async def test_added(self) -> None:
        """A builder that was added is listed and shown, and the farm is woken."""
        code, told = await self.ask("POST", "builders", BOB)
        self.assertEqual((code, told["name"], told["ok"]), (201, "bob", True))
        self.assertEqual(await self.ask("GET", "builders"), (200, [told]))
        self.assertEqual(await self.ask("GET", "builders/bob"), (200, told))
        self.assertEqual(len(self.changes), 1)

    async def test_refused(self) -> None:
        """A bad one is refused by the field, and not stored."""
        await self.refused(422, "url", "POST", "builders", BOB | {"url": "ftp://bob"})
        await self.refused(422, "name", "POST", "builders", {})
        await self.refused(422, "builder", "POST", "builders", BOB | {"name": "../x"})
        await self.refused(422, "name", "POST", "builders", BOB | {"name": 1})
        await self.refused(422, "arches", "POST", "builders", BOB | {"arches": [1]})
        await self.refused(422, "'ulr'", "POST", "builders", BOB | {"ulr": "x"})
        for body in (b"", b"{", b"[" * 50_000, b"[]", b"\xff", b'{"a": 1, "a": 1}'):
            kind = "application/json"
            await self.refused(422, "body", "POST", "builders", body, content_type=kind)
        await self.refused(404, "builder", "GET", "builders/bob")
        self.assertEqual(await self.ask("GET", "builders"), (200, []))
        self.assertEqual(self.changes, [])

    async def test_twice(self) -> None:
        """A name, or an address, is given once."""
        await self.ask("POST", "builders", BOB)
        await self.refused(409, "builder", "POST", "builders", BOB)
        await self.refused(409, "url", "POST", "builders", BOB | {"name": "x"})


class SeriesTests(ApiCase):
    """Series, their architectures and chroots."""

    async def test_added(self) -> None:
        """A series has what it was given."""
        line = "deb http://x trixie main"
        said = {"name": "trixie", "distribution": "ubuntu", "archive_lines": [line]}
        code, told = await self.ask("POST", "series", said)
        self.assertEqual((code, told["archive_lines"]), (201, [line]))
        path = "series/trixie/architectures"
        code, told = await self.ask("POST", path, {"architecture": "arm64"})
        self.assertEqual(code, 201)
        self.assertEqual(told["arches"], [{"arch": "arm64", "chroot": None}])
        self.assertEqual(await self.ask("GET", "series/trixie"), (200, told))
        _, both = await self.ask("GET", "series")
        self.assertEqual([one["name"] for one in both], ["bookworm", "trixie"])

    async def test_refused(self) -> None:
        """A bad one is refused by the field."""
        await self.refused(422, "series", "POST", "series", {"name": "X"})
        await self.refused(409, "series", "POST", "series", {"name": "bookworm"})
        path = "series/bookworm/architectures"
        await self.refused(422, "arch", "POST", path, {"architecture": "a b"})
        await self.refused(409, "arch", "POST", path, {"architecture": "amd64"})
        await self.refused(404, "series", "GET", "series/x")

    async def test_chroot(self) -> None:
        """A chroot is kept byte by byte, and the farm is woken."""
        content = bytes(range(256)) * 4096
        path = "series/bookworm/architectures/amd64/chroot?name=c.tar.gz"
        code, told = await self.ask("PUT", path, content)
        self.assertEqual(code, 200)
        chroot = told["arches"][0]["chroot"]
        self.assertEqual((chroot["name"], chroot["size"]), ("c.tar.gz", 2**20))
        self.assertEqual(self.librarian.contents[chroot["sha256"]], content)
        self.assertEqual(len(self.changes), 1)

    async def test_chroot_refused(self) -> None:
        """A chroot for nothing, without content or with a bad name is not kept."""
        base = "series/bookworm/architectures/amd64/chroot"
        await self.refused(422, "chroot", "PUT", base, b"")
        await self.refused(422, "chroot", "PUT", f"{base}?name=..%2fx", b"x")
        other = base.replace("amd64", "arm64")
        await self.refused(404, "arch", "PUT", other, b"x")
        await self.refused(404, "series", "PUT", base.replace("bookworm", "x"), b"x")
        self.assertEqual(self.librarian.contents, {})


class SubmissionTests(ApiCase):
    """Sources that are sent to be built."""

    path = "sources?series=bookworm"

    async def stored(self) -> int:
        """Count what is kept: builds and files."""
        builds = await self.store.catalogue.builds(None, 9)
        return len(builds) + len(self.librarian.contents)

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
