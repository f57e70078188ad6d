"""Archives, as programs see and change them."""

from typing import Any

from tests.api.support import ApiCase


SECRET = "open-sesame"

PRIVATE = {
    "name": "stuff",
    "purpose": "ppa",
    "distribution": "debian",
    "url": "https://private.example/stuff",
    "private": True,
    "require_virtualized": True,
    "security": True,
    "obsolete": True,
    "score": -7,
    "debug_symbols": True,
    "external_lines": ["deb http://x %(series)s main"],
}


class ArchiveTests(ApiCase):
    """Archives, and what they depend on."""

    async def add(self, **said: Any) -> Any:
        """Add an archive; give what is shown of it."""
        code, told = await self.ask("POST", "archives", {"name": "ppa"} | said)
        self.assertEqual(code, 201, told)
        return told

    async def test_primary(self) -> None:
        """The primary archive of a series' distribution is there."""
        _, (told,) = await self.ask("GET", "archives")
        self.assertEqual((told["name"], told["purpose"]), ("debian", "primary"))
        self.assertEqual(await self.ask("GET", "archives/debian"), (200, told))

    async def test_added(self) -> None:
        """All that is said of an archive is shown, but for its secret and key."""
        told = await self.add(**PRIVATE, secret=SECRET, signing_key="a2V5")
        shown = {"secret": True, "signing_key": True, "enabled": True, "depends_on": []}
        self.assertEqual(told, PRIVATE | shown)
        told = await self.add()
        self.assertEqual((told["purpose"], told["secret"]), ("ppa", False))

    async def test_secret(self) -> None:
        """Nobody is told a secret, whatever is asked and whatever is wrong."""
        await self.add(**PRIVATE, secret=SECRET)
        for method, path, body in (
            ("GET", "archives", None),
            ("GET", "archives/stuff", None),
            ("PATCH", "archives/stuff", {"secret": SECRET}),
            ("POST", "archives", {"name": "stuff", "private": True, "secret": SECRET}),
            ("POST", "archives", {"name": "x", "private": False, "secret": SECRET}),
            ("POST", "archives", {"name": "x", "private": True, "secret": SECRET[:7]}),
            ("POST", "archives", {"name": "x", "private": True, "secret": [SECRET]}),
            ("POST", "archives", {"name": "x", "url": f"http://u:{SECRET}@x/"}),
            ("POST", "archives", {"name": "x", "secrte": SECRET}),
            ("PATCH", "archives/debian", {"secret": SECRET}),
        ):
            _, told = await self.ask(method, path, body)
            self.assertNotIn(SECRET[:7], str(told))

    async def test_refused(self) -> None:
        """A bad one is refused by the field, and not stored."""
        for said, field in (
            ({"name": "X"}, "archive"),
            ({"purpose": "main"}, "purpose"),
            ({"distribution": ""}, "distribution"),
            ({"url": "ftp://x"}, "url"),
            ({"private": True}, "secret"),
            ({"secret": "short", "private": True}, "secret"),
            ({"secret": SECRET}, "secret"),
            ({"score": 10**7}, "score"),
            ({"score": 10**400}, "score"),
            ({"score": True}, "score"),
            ({"external_lines": ["rm -rf"]}, "external-line"),
            ({"signing_key": "?"}, "signing-key"),
            ({"enabled": True}, "'enabled'"),
        ):
            await self.refused(422, field, "POST", "archives", {"name": "ppa"} | said)
        await self.refused(422, "name", "POST", "archives", {})
        await self.refused(409, "archive", "POST", "archives", {"name": "debian"})
        primary = {"name": "ppa", "purpose": "primary"}
        await self.refused(409, "purpose", "POST", "archives", primary)
        _, told = await self.ask("GET", "archives")
        self.assertEqual(len(told), 1)

    async def test_changed(self) -> None:
        """An archive is what is said of it, and the farm is woken each time."""
        before = await self.add()
        changes: tuple[dict[str, Any], ...] = (
            {"enabled": False},
            {"url": "http://ppa.example"},
            {"require_virtualized": True},
            {"security": True},
            {"obsolete": True},
            {"score": 500},
            {"debug_symbols": True},
            {"external_lines": ["deb http://x y"]},
            {"external_lines": []},
        )
        for said in changes:
            code, told = await self.ask("PATCH", "archives/ppa", said)
            self.assertEqual((code, told), (200, before | said))
            before = told
        self.assertEqual(len(self.changes), len(changes))
        await self.refused(404, "archive", "PATCH", "archives/x", {"enabled": True})
        await self.refused(422, "'private'", "PATCH", "archives/x", {"private": True})

    async def test_dependencies(self) -> None:
        """An archive depends on others, each once, in the order they were named."""
        await self.add()
        await self.add(name="other")
        path = "archives/ppa/dependencies"
        said = {"pocket": "proposed", "component": "universe"}
        await self.ask("PUT", f"{path}/other", {})
        await self.ask("PUT", f"{path}/debian", {"pocket": "updates"})
        second = {"archive": "debian", "pocket": "updates", "component": None}
        for _ in range(2):
            code, told = await self.ask("PUT", f"{path}/other", said)
            first = {"archive": "other"} | said
            self.assertEqual((code, told["depends_on"]), (200, [first, second]))
        code, told = await self.ask("DELETE", f"{path}/other")
        self.assertEqual((code, told["depends_on"]), (200, [second]))

    async def test_no_dependencies(self) -> None:
        """What cannot be depended on is refused, and so is what never was."""
        await self.add()
        path = "archives/ppa/dependencies"
        await self.refused(404, "depends-on", "PUT", f"{path}/x", {})
        await self.refused(422, "depends-on", "PUT", f"{path}/ppa", {})
        await self.refused(422, "pocket", "PUT", f"{path}/debian", {"pocket": "x"})
        await self.refused(422, "component", "PUT", f"{path}/debian", {"component": ""})
        await self.refused(404, "depends-on", "DELETE", f"{path}/debian")
        await self.refused(404, "archive", "PUT", "archives/x/dependencies/debian", {})
        _, told = await self.ask("GET", "archives/ppa")
        self.assertEqual(told["depends_on"], [])
