"""Packages that others have published."""

from typing import Any

from tests.api.support import ApiCase


class BinariesTests(ApiCase):
    """What programs say of packages."""

    async def tell(self, *packages: str, **words: Any) -> Any:
        """Tell of packages."""
        said = {"archive": "debian", "series": "bookworm", "packages": list(packages)}
        code, told = await self.ask("POST", "binaries", {**said, **words})
        self.assertEqual(code, 200, told)
        return told

    async def test_published(self) -> None:
        """What is told is remembered, and those that wait hear of news."""
        told = await self.tell("libfoo1 1:2.0-3 amd64", "foo-doc 2.0-3 all")
        self.assertEqual(told, {"told": 2, "news": 2})
        self.assertEqual(len(self.publications), 1)
        told = await self.tell("libfoo1 1:2.0-3 amd64")
        self.assertEqual(told, {"told": 1, "news": 0})
        self.assertEqual(len(self.publications), 1)
        told = await self.tell("libbar 1 amd64", pocket="updates", component="universe")
        known = {one.name: one for one in self.rows.binaries.values()}
        self.assertEqual(set(known), {"libfoo1", "foo-doc", "libbar"})
        self.assertEqual(known["libfoo1"].version, "1:2.0-3")
        self.assertEqual(known["libbar"].pocket.value, "updates")
        self.assertEqual(known["libbar"].component, "universe")

    async def test_bad(self) -> None:
        """What is no package, or for no place, is refused, with all around it."""
        good = {"archive": "debian", "series": "bookworm", "packages": ["foo 1 all"]}
        for field, wrong in (
            ("archive", {"archive": "\0"}),
            ("series", {"series": "x" * 99}),
            ("pocket", {"pocket": "unstable"}),
            ("component", {"component": "MAIN"}),
            ("packages", {"packages": ["foo 1 all", "foo 1"]}),
            ("packages", {"packages": ["../foo 1 all"]}),
            ("packages", {"packages": ["foo \0 all"]}),
            ("packages", {"packages": ["foo 1 ALL"]}),
            ("packages", {"packages": ["foo 1 all"] * 5001}),
            ("packages", {"packages": [1]}),
        ):
            await self.refused(422, field, "POST", "binaries", {**good, **wrong})
        for field in ("archive", "series"):
            body = {**good, field: "nowhere"}
            await self.refused(404, field, "POST", "binaries", body)
        for field in good:
            body = {name: value for name, value in good.items() if name != field}
            await self.refused(422, field, "POST", "binaries", body)
        self.assertEqual((self.rows.binaries, self.publications), ({}, []))
