"""What programs may ask and say."""

import gzip
import hashlib
import tarfile
from pathlib import Path

from twisted.internet.defer import fail

from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.testing.catalogue import MemoryCatalogue
from tests.api.support import LARGEST, TOKEN, ApiCase, tar_of


def dsc_of(*files: tuple[str, bytes], architecture: str = "any") -> bytes:
    """Make a .dsc that lists ``files``."""
    lines = "".join(
        f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}\n"
        for name, content in files
    )
    return (
        "Format: 3.0 (native)\nSource: hello\nVersion: 1\n"
        f"Architecture: {architecture}\nChecksums-Sha256:\n{lines}"
    ).encode()


TARBALL = ("hello_1.tar.xz", b"source")
DSC = dsc_of(TARBALL)
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
        for kind in (
            tarfile.SYMTYPE,
            tarfile.LNKTYPE,
            tarfile.DIRTYPE,
            tarfile.CHRTYPE,
        ):
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


class BuildTests(ApiCase):
    """Builds, their logs and files."""

    async def submit(self) -> int:
        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        _, told = await self.ask("POST", "sources?series=bookworm", body)
        return int(told["builds"][0]["id"])

    async def test_list(self) -> None:
        """Builds are listed from the newest on, as many as are asked for."""
        numbers = [await self.submit() for _ in range(3)]
        _, page = await self.ask("GET", "builds?limit=2")
        self.assertEqual([one["id"] for one in page], [numbers[2], numbers[1]])
        _, page = await self.ask("GET", f"builds?before={numbers[1]}&limit=999999")
        self.assertEqual([one["id"] for one in page], [numbers[0]])

    async def test_shown(self) -> None:
        """A build is shown with all that there is of it."""
        number = await self.submit()
        code, told = await self.ask("GET", f"builds/{number}")
        self.assertEqual(code, 200)
        self.assertEqual(
            (told["source"], told["log"], told["files"]), ("hello", None, [])
        )
        self.assertEqual(await self.ask("GET", f"builds/{number}/files"), (200, []))

    async def test_no_numbers(self) -> None:
        """What is no number, or of no build, is never our fault."""
        await self.refused(404, "build", "GET", "builds/999")
        await self.refused(404, "build", "GET", f"builds/{2**63 - 1}")
        for text in ("1e9", "-1", "%201", "1%20OR%201=1", "0x1", f"{2**63}", "9" * 99):
            await self.refused(422, "build", "GET", f"builds/{text}")
        await self.refused(422, "limit", "GET", "builds?limit=0")
        await self.refused(422, "before", "GET", "builds?before=-1")

    async def test_log(self) -> None:
        """A log is gunzipped on its way, whole, as plain text."""
        number = await self.submit()
        _, none = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual(none, b"")
        content = b"".join(b"[%d] \xff cc -c\n" % line for line in range(100_000))
        incoming = self.librarian.receive()
        await incoming.write(gzip.compress(content))
        catalogue = self.store.catalogue
        assert isinstance(catalogue, MemoryCatalogue)
        row = catalogue.rows.builds[number]
        row.log = await incoming.keep("log-for-1-1.txt.gz", "x/y")
        code, told = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual((code, told), (200, content))
        headers = self.response.headers
        self.assertEqual(
            headers.getRawHeaders("content-type"), ["text/plain; charset=utf-8"]
        )
        self.assertEqual(headers.getRawHeaders("x-content-type-options"), ["nosniff"])

    async def test_gzip_bomb(self) -> None:
        """A log that is small and becomes large comes in pieces."""
        number = await self.submit()
        incoming = self.librarian.receive()
        await incoming.write(gzip.compress(bytes(2**26)))
        catalogue = self.store.catalogue
        assert isinstance(catalogue, MemoryCatalogue)
        row = catalogue.rows.builds[number]
        row.log = await incoming.keep("log-for-1-1.txt.gz", "x/y")
        before = _peak()
        _, told = await self.ask("GET", f"builds/{number}/log")
        self.assertEqual(len(told), 2**26)
        # The reader here keeps it all, twice while it joins it; we add little.
        self.assertLess(_peak() - before, 3 * 2**26)


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM in /proc/self/status")
