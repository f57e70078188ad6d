"""Builders, as people see and change them, in memory."""

from collections.abc import Sequence

from attrs import asdict, frozen

from buildd_manager.domain.audit import Kind, added, edited, made_anew
from buildd_manager.domain.builders import Builder, CleanState, ResetProtocol
from buildd_manager.domain.catalogue import BuilderChange, NewBuilder
from buildd_manager.domain.changes import changed_builder
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.queue import BuildSummary
from buildd_manager.testing.furniture import Furniture, refuse_known
from buildd_manager.testing.rows import BuilderRow, promised
from buildd_manager.testing.summaries import find, summary


@frozen
class Builders(Furniture):
    """Builders."""

    @promised
    def add_builder(self, builder: NewBuilder) -> Builder:
        refuse_known("builder", builder.name, self._builders())
        urls = {row.value.url: row for row in self.rows.builders.values()}
        refuse_known("url", builder.url, urls)
        details = asdict(builder, recurse=False)
        details["architectures"] = tuple(sorted(set(builder.architectures)))
        value = Builder(id=next(self.rows.numbers), **details)
        row = BuilderRow(value=value, clean_changed=self.rows.now())
        self.rows.builders[value.id] = row
        self.write_down(added(Kind.BUILDER, builder.name, builder))
        return self.rows.as_of_now(row)

    @promised
    def change_builder(self, name: str, change: BuilderChange) -> Builder:
        row = find("builder", name, self._builders())
        before, row.value = row.value, changed_builder(row.value, change)
        if row.value.clean is not before.clean:
            row.clean_changed = self.rows.now()
        if change.ok is not None:
            row.trial = None
        done = edited(Kind.BUILDER, name, before, row.value, BuilderChange)
        self.write_down(done)
        return self.rows.as_of_now(row)

    @promised
    def set_clean(self, name: str) -> Builder:
        row = find("builder", name, self._builders())
        asked = row.value.virtualized and row.value.clean is CleanState.CLEANING
        if not asked or row.value.reset_protocol is not ResetProtocol.V2_0:
            fault = f"nobody has asked for a reset of {name}"
            raise ConflictError("builder", fault, "say so once, after that")
        self.rows.set_clean(row, CleanState.CLEAN)
        self.write_down(made_anew(name))
        return self.rows.as_of_now(row)

    @promised
    def builders(self) -> Sequence[Builder]:
        known = sorted(self._builders().items())
        return [self.rows.as_of_now(row) for _, row in known]

    @promised
    def find_builder(self, name: str) -> tuple[Builder, BuildSummary | None]:
        row = find("builder", name, self._builders())
        live = self.rows.live_attempt(row.value.id)
        building = None if live is None else summary(self.rows, live.build)
        return self.rows.as_of_now(row), building

    def _builders(self) -> dict[str, BuilderRow]:
        return {row.value.name: row for row in self.rows.builders.values()}
