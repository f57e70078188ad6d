"""Names of files, in memory."""

from attrs import frozen
from zope.interface import implementer

from buildd_manager.domain.errors import NotFoundError
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import IFileIndex
from buildd_manager.testing.rows import Rows, promised


@implementer(IFileIndex)
@frozen
class MemoryFileIndex:
    """Names of files, in memory."""

    rows: Rows

    @promised
    def add_file(
        self,
        name: str,
        mimetype: str,
        size: int,
        sha1: str,
        sha256: str,
        *,
        restricted: bool = False,
    ) -> StoredFile:
        same = [one for one in self.rows.files.values() if one.sha256 == sha256]
        file = StoredFile(
            alias=next(self.rows.numbers),
            name=name,
            mimetype=mimetype,
            size=size,
            sha1=sha1,
            sha256=sha256,
            restricted=restricted and all(one.restricted for one in same),
        )
        self.rows.files[file.alias] = file
        return file

    @promised
    def find_file(self, alias: int) -> StoredFile:
        if (file := self.rows.files.get(alias)) is None:
            raise NotFoundError("file", f"there is no file {alias}", "look at the list")
        return file
