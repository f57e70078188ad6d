"""What is promised of what stays written down."""

from typing import Any

from buildd_manager.domain.archives import Dependency
from buildd_manager.domain.audit import MANAGER, Deed, Entry, Kind
from buildd_manager.domain.catalogue import BuilderChange, NewSeries, SeriesChange
from buildd_manager.domain.errors import RequestError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.testing.contracts.farm import FarmContract


WHO = "ann"


class Audited(FarmContract):
    """A farm that ann changes."""

    async def prepare(self) -> None:
        """Let ann change things."""
        await super().prepare()
        self.catalogue = self.store.catalogue.on_behalf_of(WHO)
        self.queue = self.store.queue.on_behalf_of(WHO)

    async def entries(
        self,
        kind: Kind | None = None,
        name: str | None = None,
        before: int | None = None,
        limit: int = 99,
    ) -> list[Entry]:
        """List what is written down, the last first."""
        return list(await self.store.audit.entries(kind, name, before, limit))

    async def done(self) -> list[Deed]:
        """List what ann has done, the first first."""
        entries = reversed(await self.entries())
        return [entry.deed for entry in entries if entry.who == WHO]


class AuditContract(Audited):
    """What is changed is written down, and nothing else."""

    async def test_refused(self) -> None:
        """What is refused is not written down, since it has changed nothing."""
        build = (await self.submit()).id
        before = await self.entries()
        refused: tuple[Any, ...] = (
            self.catalogue.change_builder("x", BuilderChange(ok=True)),
            self.catalogue.add_series(NewSeries(name="bookworm")),
            self.catalogue.set_clean("bob"),
            self.catalogue.depend("debian", Dependency("x")),
            self.catalogue.set_chroot("bookworm", "amd64", None, Pocket.UPDATES),
            self.queue.submit(await self.submission(series="x")),
            self.queue.retry(build),
            self.queue.cancel(999),
        )
        for asked in refused:
            with self.assertRaises(RequestError):
                await asked
        self.assertEqual(await self.entries(), before)

    async def test_unasked(self) -> None:
        """What nobody is known to have asked for, managers have done."""
        self.assertEqual({entry.who for entry in await self.entries()}, {MANAGER})

    async def test_pages(self) -> None:
        """Entries are listed piece by piece, of some things or of all."""
        for notes in ("one", "two", "three"):
            change = BuilderChange(ok=False, fail_notes=notes)
            await self.catalogue.change_builder("bob", change)
        await self.catalogue.change_series("bookworm", SeriesChange())
        every = await self.entries()
        numbers = [entry.id for entry in every]
        self.assertEqual(numbers, sorted(set(numbers), reverse=True))
        times = [entry.when for entry in every]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual(await self.entries(limit=2), every[:2])
        self.assertEqual(await self.entries(before=every[1].id, limit=2), every[2:4])
        self.assertEqual(await self.entries(before=every[-1].id), [])
        self.assertEqual(
            await self.entries(Kind.BUILDER, "bob"), [*every[1:4], every[4]]
        )
        series = await self.entries(Kind.SERIES)
        self.assertEqual({entry.deed.name for entry in series}, {"bookworm"})
        self.assertEqual(await self.entries(Kind.BUILD, "bob"), [])
        self.assertEqual(await self.entries(before=10**30), every)
