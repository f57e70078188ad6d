"""What was changed, as programs see it."""

from typing import Any

from buildd_manager.api.routes import ROOMS
from buildd_manager.domain.audit import MANAGER, OPERATOR
from buildd_manager.domain.builders import CleanState
from tests.api.building import BuildCase
from tests.api.support import DSC, tar_of


VERA = {
    "name": "vera",
    "url": "http://vera:8221",
    "arches": ["amd64"],
    "virtualized": True,
    "vm_host": "host-1",
    "reset_protocol": "2.0",
}

#: Addresses behind which nothing of the farm is changed: what others have published is
#: told there.
CHANGE_NOTHING = {("POST", "/api/v1/binaries")}


class AuditTests(BuildCase):
    """Who has changed what, and from what to what."""

    async def entries(self, query: str = "") -> list[dict[str, Any]]:
        """List what was changed, the last first."""
        code, told = await self.ask("GET", f"audit{query}")
        self.assertEqual(code, 200, told)
        return list(told)

    async def test_entry(self) -> None:
        """An entry says who has changed what when, and from what to what."""
        said = {"ok": False, "notes": "new fan", "arches": ["i386"]}
        await self.ask("PATCH", "builders/bob", said)
        entry, *_ = await self.entries("?kind=builder&name=bob")
        self.assertEqual(entry.pop("time"), "1970-01-01T00:00:00+00:00")
        self.assertIsInstance(entry.pop("id"), int)
        self.assertEqual(
            entry,
            {
                "who": "operator",
                "kind": "builder",
                "name": "bob",
                "what": "edit",
                "changes": {
                    "ok": {"from": True, "to": False},
                    "fail_notes": {"from": None, "to": "new fan"},
                    "arches": {"from": ["amd64"], "to": ["i386"]},
                },
            },
        )

    async def test_pages(self) -> None:
        """Entries are listed piece by piece."""
        for score in (1, 2, 3):
            await self.ask("PATCH", "archives/debian", {"score": score})
        every = await self.entries()
        asked = f"?limit=1&before={every[0]['id']}"
        self.assertEqual(await self.entries(asked), every[1:2])
        self.assertEqual(await self.entries("?kind=archive&limit=2"), every[:2])
        self.assertEqual(await self.entries("?kind=build"), [])

    async def test_refused(self) -> None:
        """What nobody can mean is refused by its name."""
        for query, field in (
            ("kind=x", "kind"),
            ("name=", "name"),
            ("name=a%00b", "name"),
            ("before=x", "before"),
            ("limit=0", "limit"),
            ("who=ann", "'who'"),
        ):
            await self.refused(422, field, "GET", f"audit?{query}")

    async def test_everything(self) -> None:
        """Whatever is changed here is written down as changed by the operator."""
        ended = await self.failed()
        known = {entry["id"] for entry in await self.entries()}
        seen: set[tuple[str, str]] = set()

        async def do(method: str, rule: str, body: Any = None, **named: Any) -> Any:
            path = rule.removeprefix("/api/v1/")
            for word, value in named.items():
                path = path.replace(f"<{word}>", str(value))
            query = "?series=bookworm" if path == "sources" else ""
            code, told = await self.ask(method, f"{path}{query}", body)
            self.assertLess(code, 300, told)
            entries = [e for e in await self.entries() if e["id"] not in known]
            self.assertTrue(entries, rule)
            self.assertEqual({entry["who"] for entry in entries}, {OPERATOR})
            known.update(entry["id"] for entry in entries)
            seen.add((method, rule))
            return told

        v1 = "/api/v1"
        await do("POST", f"{v1}/builders", VERA)
        await do("PATCH", f"{v1}/builders/<name>", {"manual": True}, name="bob")
        vera, *_ = (r for r in self.rows.builders.values() if r.value.name == "vera")
        self.rows.set_clean(vera, CleanState.CLEANING)
        await do("POST", f"{v1}/builders/<name>/clean", name="vera")

        await do("POST", f"{v1}/archives", {"name": "ppa"})
        await do("PATCH", f"{v1}/archives/<name>", {"score": 1}, name="ppa")
        rule = f"{v1}/archives/<name>/dependencies/<other>"
        await do("PUT", rule, {}, name="ppa", other="debian")
        await do("DELETE", rule, name="ppa", other="debian")

        await do("POST", f"{v1}/series", {"name": "sid"})
        await do("PATCH", f"{v1}/series/<name>", {"status": "frozen"}, name="sid")
        rule = f"{v1}/series/<name>/architectures"
        await do("POST", rule, {"architecture": "arm64"}, name="sid")
        rule += "/<arch>"
        await do("PATCH", rule, {"enabled": False}, name="sid", arch="arm64")
        rule += "/chroot"
        await do("PUT", rule, b"chroot", name="sid", arch="arm64")
        await do("DELETE", rule, name="sid", arch="arm64")

        body = tar_of(hello_1__dsc=DSC, hello_1__tar__xz=b"source")
        told = await do("POST", f"{v1}/sources", body)
        build = told["builds"][0]["id"]
        rule = f"{v1}/builds/<build>"
        await do("POST", f"{rule}/rescore", {"score": 1}, build=build)
        await do("POST", f"{rule}/cancel", build=build)
        await do("POST", f"{rule}/retry", build=build)
        await do("POST", f"{rule}/supersede", build=build)
        await do("POST", f"{v1}/builds/retry", {"build": [str(ended)]})
        self.assertEqual(seen, changing() - CHANGE_NOTHING)

    async def test_nobody(self) -> None:
        """What was not asked for here, others have done."""
        self.assertEqual({entry["who"] for entry in await self.entries()}, {MANAGER})


def changing() -> set[tuple[str, str]]:
    """List all addresses to which something can be said, and how."""
    return {
        (method, rule.rule)
        for room in ROOMS.values()
        for rule in room.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"GET", "HEAD"}
    }
