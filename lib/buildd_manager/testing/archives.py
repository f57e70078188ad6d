"""Archives, in memory."""

from collections.abc import Sequence

from attrs import asdict, frozen

from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.audit import Deed, Kind, added, edited, redirected
from buildd_manager.domain.changes import changed_archive, depending, independent
from buildd_manager.domain.errors import ConflictError
from buildd_manager.testing.furniture import Furniture, refuse_known
from buildd_manager.testing.rows import promised
from buildd_manager.testing.summaries import find


@frozen
class Archives(Furniture):
    """Archives, and what they depend on."""

    @promised
    def add_archive(self, archive: NewArchive) -> Archive:
        refuse_known("archive", archive.name, self.rows.archives)
        if archive.purpose is Purpose.PRIMARY and self._primary(archive.distribution):
            fault = f"{archive.distribution} has a primary archive already"
            raise ConflictError("purpose", fault, "use that")
        self._check_dependencies(archive.dependencies)
        return self._add_archive(archive)

    @promised
    def change_archive(self, name: str, change: ArchiveChange) -> Archive:
        before = find("archive", name, self.rows.archives)
        after = changed_archive(before, change)
        self._keep(after, edited(Kind.ARCHIVE, name, before, after, ArchiveChange))
        self.virtualize()
        return after

    @promised
    def depend(self, name: str, other: Dependency) -> Archive:
        before = find("archive", name, self.rows.archives)
        after = depending(before, other)
        self._check_dependencies(after.dependencies)
        return self._keep(after, redirected(before, after))

    @promised
    def depend_no_more(self, name: str, other: str) -> Archive:
        before = find("archive", name, self.rows.archives)
        after = independent(before, other)
        return self._keep(after, redirected(before, after))

    @promised
    def archives(self) -> Sequence[Archive]:
        return [archive for _, archive in sorted(self.rows.archives.items())]

    @promised
    def find_archive(self, name: str) -> Archive:
        return find("archive", name, self.rows.archives)

    def add_primary(self, distribution: str) -> None:
        """Add a distribution's primary archive, unless there is one."""
        if not self._primary(distribution):
            refuse_known("distribution", distribution, self.rows.archives)
            primary = Purpose.PRIMARY
            self._add_archive(
                NewArchive(
                    name=distribution, purpose=primary, distribution=distribution
                )
            )

    def _primary(self, distribution: str) -> bool:
        return any(
            one.purpose is Purpose.PRIMARY and one.distribution == distribution
            for one in self.rows.archives.values()
        )

    def _check_dependencies(self, dependencies: Sequence[Dependency]) -> None:
        for one in dependencies:
            find("depends-on", one.archive, self.rows.archives)

    def _add_archive(self, new: NewArchive) -> Archive:
        details = asdict(new, recurse=False)
        archive = Archive(id=next(self.rows.numbers), **details)
        return self._keep(archive, added(Kind.ARCHIVE, new.name, new))

    def _keep(self, archive: Archive, done: Deed) -> Archive:
        self.rows.archives[archive.name] = archive
        self.write_down(done)
        return archive
