"""Builders, as programs see and change them."""

from typing import Any

from buildd_manager.domain.builders import CleanState
from tests.api.support import ApiCase


BOB = {"name": "bob", "url": "http://bob:8221", "arches": ["amd64"]}

VERA = {
    "name": "vera",
    "url": "http://vera:8221",
    "arches": ["amd64", "i386"],
    "virtualized": True,
    "vm_host": "host-1",
    "reset_protocol": "2.0",
    "resources": ["gpu", "large"],
    "restricted_resources": ["signing"],
    "manual": True,
}


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

    async def test_whole(self) -> None:
        """All that is said of a builder is shown."""
        code, told = await self.ask("POST", "builders", VERA)
        self.assertEqual((code, told["clean"]), (201, "dirty"))
        self.assertEqual({**told, **VERA}, told)

    async def test_kinds(self) -> None:
        """What is of another kind, or unknown, is refused by its field."""
        for said, field in (
            ({"reset_protocol": "3"}, "reset-protocol"),
            ({"resources": "gpu"}, "resources"),
            ({"resources": ["gpu", "gpu"]}, "resources"),
            ({"restricted_resources": ["a b"]}, "restricted-resources"),
            ({"virtualized": True, "vm_host": None}, "vm_host"),
            ({"virtualized": True}, "vm-host"),
            ({"arches": []}, "arch"),
        ):
            await self.refused(422, field, "POST", "builders", BOB | said)
        await self.refused(422, "arches", "POST", "builders", {"name": "x", "url": "x"})
        self.assertEqual(await self.ask("GET", "builders"), (200, []))

    async def test_changed(self) -> None:
        """A builder is what is said of it, and the farm is woken each time."""
        _, before = await self.ask("POST", "builders", BOB)
        changes: tuple[dict[str, Any], ...] = (
            {"manual": True},
            {"arches": ["amd64", "i386"]},
            {"resources": ["gpu"]},
            {"restricted_resources": ["large"]},
            {"restricted_resources": []},
        )
        for said in changes:
            code, told = await self.ask("PATCH", "builders/bob", said)
            self.assertEqual((code, told), (200, before | said))
            before = told
        self.assertEqual(len(self.changes), 6)

    async def test_out_of_use(self) -> None:
        """A builder is taken out of use with notes, and back without. Case 116."""
        await self.ask("POST", "builders", BOB)
        said = {"ok": False, "notes": "new fan"}
        _, told = await self.ask("PATCH", "builders/bob", said)
        self.assertEqual((told["ok"], told["fail_notes"]), (False, "new fan"))
        _, told = await self.ask("PATCH", "builders/bob", {"ok": True})
        self.assertEqual((told["ok"], told["fail_notes"]), (True, None))

    async def test_change_refused(self) -> None:
        """A bad change is refused by the field, and changes nothing. Case 116."""
        _, before = await self.ask("POST", "builders", BOB)
        for said, field in (
            ({"notes": "new fan"}, "notes"),
            ({"ok": False, "notes": "a\nb"}, "notes"),
            ({"manual": True, "arches": []}, "arch"),
            ({"manual": True, "arches": ["A"]}, "arch"),
            ({"manual": 1}, "manual"),
            ({"url": "http://x"}, "'url'"),
            ({"clean": "clean"}, "'clean'"),
        ):
            await self.refused(422, field, "PATCH", "builders/bob", said)
        await self.refused(404, "builder", "PATCH", "builders/x", {"manual": True})
        self.assertEqual(await self.ask("GET", "builders/bob"), (200, before))

    async def test_set_clean(self) -> None:
        """Who was asked to make a builder anew says that it is. Case 116."""
        await self.ask("POST", "builders", VERA)
        await self.refused(409, "builder", "POST", "builders/vera/clean")
        (row,) = self.rows.builders.values()
        self.rows.set_clean(row, CleanState.CLEANING)
        code, told = await self.ask("POST", "builders/vera/clean")
        self.assertEqual((code, told["clean"]), (200, "clean"))
        await self.refused(404, "builder", "POST", "builders/x/clean")
