"""Series, their architectures and chroots, as programs see and change them."""

from tests.api.support import ApiCase


ARCH = "series/bookworm/architectures/amd64"


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
        (arch,) = told["arches"]
        self.assertEqual((arch["arch"], arch["enabled"]), ("arm64", True))
        self.assertEqual((arch["chroot"], arch["chroots"]), (None, {}))
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

    async def test_whole(self) -> None:
        """All that is said of a series is shown, but for the passwords in it."""
        said = {
            "name": "noble",
            "distribution": "ubuntu",
            "status": "frozen",
            "component": "universe",
            "components": ["main", "universe"],
            "strict_components": False,
            "nominated_arch": "amd64",
            "archive_lines": ["deb http://u:open-sesame@x noble main"],
        }
        code, told = await self.ask("POST", "series", said)
        self.assertEqual(code, 201)
        self.assertNotIn("open-sesame", str(told))
        shown = {"archive_lines": ["deb http://u:<redacted>@x noble main"]}
        self.assertEqual({**told, **said, **shown}, told)

    async def test_changed(self) -> None:
        """A series is what is said of it, and the farm is woken each time."""
        _, before = await self.ask("GET", "series/bookworm")
        for said in (
            {"status": "supported"},
            {"nominated_arch": "amd64"},
            {"strict_components": False},
        ):
            code, told = await self.ask("PATCH", "series/bookworm", said)
            self.assertEqual((code, told), (200, before | said))
            before = told
        self.assertEqual(len(self.changes), 3)

    async def test_change_refused(self) -> None:
        """A bad change is refused by the field, and changes nothing."""
        _, before = await self.ask("GET", "series/bookworm")
        path = "series/bookworm"
        strict = {"strict_components": False}
        await self.refused(422, "status", "PATCH", path, strict | {"status": "old"})
        for name, status in (("arm64", 404), ("a\0", 422)):
            said = strict | {"nominated_arch": name}
            await self.refused(status, "nominated-arch", "PATCH", path, said)
        await self.refused(404, "series", "PATCH", "series/x", strict)
        self.assertEqual(await self.ask("GET", "series/bookworm"), (200, before))

    async def test_architecture_changed(self) -> None:
        """An architecture is what is said of it, and the farm is woken each time."""
        _, before = await self.ask("GET", "series/bookworm")
        (arch,) = before["arches"]
        for said in (
            {"enabled": False},
            {"virtualized": False},
            {"nonvirtualized": False},
            {"wall": 3600},
            {"silence": 60.5},
        ):
            code, told = await self.ask("PATCH", ARCH, said)
            arch |= said
            self.assertEqual((code, told["arches"]), (200, [arch]))
        self.assertEqual(len(self.changes), 5)
        _, told = await self.ask("PATCH", ARCH, {"wall": 0})
        self.assertEqual(told["arches"], [arch | {"wall": None}])

    async def test_architecture_refused(self) -> None:
        """A bad change is refused by the field, and changes nothing."""
        _, before = await self.ask("GET", "series/bookworm")
        for said, field in (
            ({"wall": -1}, "wall"),
            ({"wall": 10**400}, "wall"),
            ({"silence": float("nan")}, "silence"),
            ({"enabled": "yes"}, "enabled"),
            ({"wal": 1}, "'wal'"),
        ):
            await self.refused(422, field, "PATCH", ARCH, said)
        path = ARCH.replace("amd64", "arm64")
        await self.refused(404, "arch", "PATCH", path, {"enabled": False})
        self.assertEqual(await self.ask("GET", "series/bookworm"), (200, before))

    async def test_chroot_of_a_pocket(self) -> None:
        """A pocket may have its own chroot, until that is taken away. Case 96."""
        await self.ask("PUT", f"{ARCH}/chroot?name=release.tar", b"x")
        path = f"{ARCH}/chroot?pocket=updates"
        _, told = await self.ask("PUT", f"{path}&name=updates.tar", b"y")
        (arch,) = told["arches"]
        self.assertEqual(arch["chroot"]["name"], "release.tar")
        names = {pocket: one["name"] for pocket, one in arch["chroots"].items()}
        self.assertEqual(names, {"release": "release.tar", "updates": "updates.tar"})
        code, told = await self.ask("DELETE", path)
        self.assertEqual((code, set(told["arches"][0]["chroots"])), (200, {"release"}))
        await self.refused(404, "chroot", "DELETE", path)
        for method in ("PUT", "DELETE"):
            body = b"x" if method == "PUT" else None
            path = f"{ARCH}/chroot?pocket=x"
            await self.refused(422, "pocket", method, path, body)
