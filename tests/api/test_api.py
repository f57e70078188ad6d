"""Who may come in, and what is answered when something is wrong."""

from twisted.internet.defer import fail

from buildd_manager.domain.errors import StoreUnavailableError
from buildd_manager.testing.catalogue import MemoryCatalogue
from tests.api.support import LARGEST, TOKEN, ApiCase


class DoorTests(ApiCase):
    """Who may come in."""

    async def test_token(self) -> None:
        """
        Without the token there is nothing to be seen, wherever one looks. Case 116.

        There is one secret and no ranks: who has it may see and say everything.
        """
        for path in ("builders", "nowhere", "builds/1/log"):
            for said in ("", "Bearer", "Bearer x", f"Basic {TOKEN}"):
                code, told = await self.ask("GET", path, authorization=said)
                self.assertEqual((code, told["status"]), (401, 401))

    async def test_writing(self) -> None:
        """Nor is there anything to be changed. Case 116."""
        for method, path, said in (
            ("POST", "builders", {"name": "bob"}),
            ("PATCH", "builders/bob", {"manual": True}),
            ("PATCH", "builders/bob", {"ok": False, "notes": "smoke"}),
            ("POST", "builders/bob/clean", None),
        ):
            code, told = await self.ask(method, path, said, authorization="Bearer x")
            self.assertEqual((code, told["status"]), (401, 401))

    async def test_nowhere(self) -> None:
        """Where there is nothing, that is said; so is a wrong method."""
        self.assertEqual((await self.ask("GET", "nowhere"))[0], 404)
        for path in ("", "builders/", "builders/bob/x", "series/%FF", "archives/a/b"):
            code, told = await self.ask("GET", path)
            self.assertEqual((code, told["field"]), (404, "path"))
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
            await self.refused(422, "archive", "GET", f"archives/{name}")
            await self.refused(422, "builder", "GET", f"builders/{name}")
            await self.refused(422, "builder", "PATCH", f"builders/{name}", {})
            await self.refused(422, "builder", "POST", f"builders/{name}/clean")
            await self.refused(422, "series", "GET", f"series/{name}")
            path = f"series/{name}/architectures"
            await self.refused(422, "series", "POST", path, {"architecture": "amd64"})
            await self.refused(422, "series", "PATCH", f"{path}/amd64", {})
            await self.refused(422, "series", "PUT", f"{path}/amd64/chroot", b"x")
            await self.refused(422, "series", "DELETE", f"{path}/amd64/chroot")
            path = f"archives/debian/dependencies/{name}"
            await self.refused(422, "depends-on", "PUT", path, {})
            await self.refused(422, "depends-on", "DELETE", path)
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
