"""What is promised of archives."""

from typing import Any

from attrs import asdict, evolve
from twisted.internet.defer import DeferredList

from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.catalogue import NewSeries
from buildd_manager.domain.errors import ConflictError, InvalidError, NotFoundError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret
from buildd_manager.testing.contracts.farm import FarmContract


#: An archive of which everything is said.
PRIVATE = NewArchive(
    name="secret-stuff",
    purpose=Purpose.PPA,
    distribution="debian",
    url="https://private.example/ppa",
    private=True,
    require_virtualized=True,
    build_security=True,
    build_obsolete=True,
    relative_score=-7,
    build_debug_symbols=True,
    external_lines=("deb http://x %(series)s main", "deb http://y stable main"),
    secret=Secret("open-sesame"),
    signing_key="a2V5",
    dependencies=(
        Dependency("ppa", Pocket.PROPOSED, "universe"),
        Dependency("debian"),
    ),
)


class ArchivesContract(FarmContract):
    """Archives are added, changed, and found."""

    async def add(self, name: str = "ppa", **details: Any) -> Archive:
        """Add an archive of debian."""
        return await self.store.catalogue.add_archive(NewArchive(name=name, **details))

    async def change(self, name: str, **what: Any) -> Archive:
        """Change an archive; what is found then is what was answered."""
        catalogue = self.store.catalogue
        changed = await catalogue.change_archive(name, ArchiveChange(**what))
        self.assertEqual(await catalogue.find_archive(name), changed)
        return changed

    async def names(self) -> list[str]:
        """List all archives."""
        return [one.name for one in await self.store.catalogue.archives()]

    async def test_primary(self) -> None:
        """With the first series of a distribution comes its primary archive."""
        primary = await self.store.catalogue.find_archive("debian")
        self.assertIs(primary.purpose, Purpose.PRIMARY)
        self.assertEqual((primary.distribution, primary.url), ("debian", None))
        await self.store.catalogue.add_series(NewSeries(name="trixie"))
        await self.store.catalogue.add_series(
            NewSeries(name="noble", distribution="ubuntu")
        )
        self.assertEqual(await self.names(), ["debian", "ubuntu"])

    async def test_primary_of_another_name(self) -> None:
        """A primary archive that is there already serves, whatever its name."""
        await self.add("main", purpose=Purpose.PRIMARY, distribution="ubuntu")
        await self.store.catalogue.add_series(
            NewSeries(name="noble", distribution="ubuntu")
        )
        self.assertEqual(await self.names(), ["debian", "main"])

    async def test_primary_refused(self) -> None:
        """A distribution has one primary archive, for whose name there must be room."""
        with self.assertRaises(ConflictError) as caught:
            await self.add("other", purpose=Purpose.PRIMARY)
        self.assertEqual(caught.exception.field, "purpose")
        await self.add("ubuntu")
        with self.assertRaises(ConflictError) as caught:
            await self.store.catalogue.add_series(
                NewSeries(name="noble", distribution="ubuntu")
            )
        self.assertEqual(caught.exception.field, "distribution")
        self.assertEqual(len(await self.store.catalogue.series()), 1)

    async def test_added(self) -> None:
        """An archive is all that was said of it."""
        await self.add()
        added = await self.store.catalogue.add_archive(PRIVATE)
        said = asdict(PRIVATE, recurse=False)
        self.assertEqual(added, Archive(id=added.id, enabled=True, **said))
        self.assertEqual(await self.store.catalogue.find_archive(added.name), added)
        self.assertEqual(await self.names(), ["debian", "ppa", "secret-stuff"])

    async def test_twice(self) -> None:
        """A name is given once, and what was there stays as it was."""
        before = await self.add()
        with self.assertRaises(ConflictError) as caught:
            await self.add(private=True, secret=Secret("open-sesame"))
        self.assertEqual(caught.exception.field, "archive")
        self.assertEqual(await self.store.catalogue.find_archive("ppa"), before)

    async def test_unknown(self) -> None:
        """What names no archive is refused, and changes nothing."""
        catalogue = self.store.catalogue
        with self.assertRaises(NotFoundError):
            await catalogue.find_archive("ppa")
        with self.assertRaises(NotFoundError):
            await catalogue.change_archive("ppa", ArchiveChange())
        nowhere = (Dependency("debian"), Dependency("nowhere"))
        with self.assertRaises(NotFoundError) as caught:
            await self.add(dependencies=nowhere)
        self.assertEqual(caught.exception.field, "depends-on")
        self.assertEqual(await self.names(), ["debian"])
        before = await self.add(dependencies=nowhere[:1])
        with self.assertRaises(NotFoundError):
            await catalogue.depend("ppa", nowhere[1])
        self.assertEqual(await catalogue.find_archive("ppa"), before)

    async def test_changed(self) -> None:
        """What is said of an archive becomes so, and the rest stays as it was."""
        await self.add()
        before = await self.store.catalogue.add_archive(PRIVATE)
        what: dict[str, Any] = {
            "url": "https://other.example",
            "enabled": False,
            "require_virtualized": False,
            "build_security": False,
            "build_obsolete": False,
            "relative_score": 0,
            "build_debug_symbols": False,
            "external_lines": (),
            "secret": Secret("close-sesame"),
            "signing_key": "a2V5a2V5",
        }
        for field, value in what.items():
            after = await self.change(before.name, **{field: value})
            self.assertEqual(after, evolve(before, **{field: value}))
            before = after

    async def test_refused(self) -> None:
        """A public archive gets no secret."""
        before = await self.add()
        with self.assertRaises(InvalidError):
            await self.change("ppa", secret=Secret("open-sesame"))
        self.assertEqual(await self.store.catalogue.find_archive("ppa"), before)

    async def test_virtual(self) -> None:
        """What waits is for virtual builders if its archive says so from now on."""
        await self.submit()
        await self.change("debian", require_virtualized=True)
        self.assertIsNone(await self.claim())
        await self.change("debian", require_virtualized=False)
        self.assertIsNotNone(await self.claim())

    async def test_virtual_elsewhere(self) -> None:
        """What waits for other archives, or runs, stays as it is."""
        await self.add()
        running = await self.running()
        await self.change("debian", require_virtualized=True)
        _, assignment = await self.look()
        self.assertEqual(assignment and assignment.attempt, running.attempt)
        await self.submit(archive="ppa")
        await self.change("debian", relative_score=1)
        alice = await self.add_builder("alice")
        self.assertIsNotNone(await self.claim(await self.take(self.lease.owner, alice)))

    async def test_virtual_meanwhile(self) -> None:
        """What ran when its archive said so is for virtual builders once it waits."""
        assignment = await self.running()
        await self.change("debian", require_virtualized=True)
        await self.store.builds.settle(self.lease, assignment.attempt, self.ruling())
        (waiting,) = (await self.store.queue.outlook()).builds
        self.assertTrue(waiting.virtualized)
        self.assertIsNone(await self.claim())
        vic = await self.another("vic", virtualized=True, vm_host="host")
        self.assertEqual((await self.claimed(vic)).cookie.build, waiting.id)

    async def test_disabled(self) -> None:
        """What is for a disabled archive waits until that is enabled. Case 66."""
        await self.submit()
        await self.change("debian", enabled=False)
        self.assertIsNone(await self.claim())
        await self.change("debian", enabled=True)
        self.assertIsNotNone(await self.claim())

    # --- what an archive depends on

    async def test_depends(self) -> None:
        """An archive depends on others, each once, in the order they were named."""
        catalogue = self.store.catalogue
        for name in ("ppa", "other"):
            await self.add(name)
        first, second = Dependency("other"), Dependency("debian", Pocket.UPDATES)
        await catalogue.depend("ppa", first)
        await catalogue.depend("ppa", second)
        first = Dependency("other", Pocket.PROPOSED, "universe")
        for _ in range(2):
            changed = await catalogue.depend("ppa", first)
            self.assertEqual(changed.dependencies, (first, second))
            self.assertEqual(await catalogue.find_archive("ppa"), changed)
        changed = await catalogue.depend_no_more("ppa", "other")
        self.assertEqual(changed.dependencies, (second,))
        self.assertEqual(await catalogue.find_archive("ppa"), changed)

    async def test_depends_refused(self) -> None:
        """What cannot be depended on is refused, and so is what never was."""
        before = await self.add()
        catalogue = self.store.catalogue
        for field, asked, error in (
            ("archive", catalogue.depend("x", Dependency("debian")), NotFoundError),
            ("depends-on", catalogue.depend("ppa", Dependency("x")), NotFoundError),
            ("depends-on", catalogue.depend("ppa", Dependency("ppa")), InvalidError),
            ("archive", catalogue.depend_no_more("x", "debian"), NotFoundError),
            ("depends-on", catalogue.depend_no_more("ppa", "debian"), NotFoundError),
        ):
            with self.assertRaises(error) as caught:
                await asked
            self.assertEqual(caught.exception.field, field)
        self.assertEqual(await catalogue.find_archive("ppa"), before)

    async def test_depends_at_once(self) -> None:
        """Of many who change at once what archives depend on, nobody is forgotten."""
        catalogue = self.store.catalogue
        names = [f"ppa{number}" for number in range(8)]
        for name in names:
            await self.add(name)
        await self.add("gone")
        await catalogue.depend("ppa0", Dependency("gone"))
        asked = [
            catalogue.depend(name, Dependency(other))
            for name in names
            for other in names
            if name != other
        ]
        asked.append(catalogue.depend_no_more("ppa0", "gone"))
        for fine, answer in await DeferredList(asked, consumeErrors=True):
            self.assertTrue(fine, answer)
        for name in names:
            found = await catalogue.find_archive(name)
            on = {one.archive for one in found.dependencies}
            self.assertEqual(on, {*names} - {name})
