"""Both uploaders, and both who make machines anew, keep the same promises."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import Clock

from buildd_manager.adapters.resetting import ResetCommand
from buildd_manager.adapters.threads import Threads
from buildd_manager.adapters.uploading import DirectoryUploader
from buildd_manager.domain.uploads import UploadReport
from buildd_manager.ports import IResetter, IUploader
from buildd_manager.testing.contracts import programs
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.programs import MemoryResetter, MemoryUploader
from buildd_manager.testing.store import memory_store
from tests.adapters.processes import COMMANDS, LONG


class MemoryUploaderTests(programs.UploaderContract):
    """The fake uploader."""

    def setUp(self) -> None:
        self.librarian = MemoryLibrarian(memory_store(Clock()).files)
        self.memory = MemoryUploader()

    def uploader(self, *, succeeds: bool) -> IUploader:
        self.memory.report = UploadReport(succeeds, "" if succeeds else "no room")
        return self.memory

    def landed(self, attempt: int) -> Mapping[str, str]:
        return {file.name: file.sha256 for file in self.memory.landed[attempt]}


class DirectoryUploaderTests(programs.UploaderContract):
    """The real one."""

    def setUp(self) -> None:
        self.librarian = MemoryLibrarian(memory_store(Clock()).files)
        self.place = Path(self.mktemp()).absolute()

    def uploader(self, *, succeeds: bool) -> IUploader:
        script = "true" if succeeds else "echo no room; exit 1"
        argv = ("/bin/sh", "-c", script)
        threads = Threads(reactor)  # type: ignore[arg-type]
        return DirectoryUploader(
            self.place, self.librarian, argv, COMMANDS, LONG, threads
        )

    def landed(self, attempt: int) -> Mapping[str, str]:
        directory = self.place / "incoming" / str(attempt)
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in directory.iterdir()
        }


class MemoryResetterTests(programs.ResetterContract):
    """The fake resetter."""

    def resetter(self, *, succeeds: bool) -> IResetter:
        return MemoryResetter(works=succeeds)


class ResetCommandTests(programs.ResetterContract):
    """The real one."""

    def resetter(self, *, succeeds: bool) -> IResetter:
        script = "true" if succeeds else "echo no such machine; exit 1"
        return ResetCommand(("/bin/sh", "-c", script), COMMANDS, LONG)
