"""What becomes of a job on a simulated launchpad-buildd."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import define, field, frozen

from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.results import MANIFEST


#: Seconds after which launchpad-buildd gives up killing what it was to abort.
ABORT_TIMEOUT = 120.0


@frozen(kw_only=True)
class Plan:
    """
    What a job is going to come to, unless it is aborted.

    :ivar seconds: How long it takes.
    :ivar verdict: How it ends; ``None`` if its process is killed, after which
        launchpad-buildd goes on building for ever.
    :ivar files: What is in each result of a success, after the name of the job that
        made it; so results with the same in them have the same SHA-1. A ``.changes``
        lists the others.
    :ivar dependencies: What it lacks, for DEPFAIL.
    :ivar log: The log at its end, or how many bytes it has then; it grows evenly.
    :ivar dying: Seconds from an abort to the end of its processes; from
        :data:`ABORT_TIMEOUT` on, they cannot be killed, and the builder fails.
    """

    seconds: float = 60.0
    verdict: Verdict | None = Verdict.OK
    files: Mapping[str, str] = field(
        factory=lambda: {"hello_1_amd64.changes": "", "hello_1_amd64.deb": "deb"}
    )
    dependencies: str = ""
    log: int | bytes = 3000
    dying: float = 1.0


#: Tells what becomes of the job of this name.
Planner: TypeAlias = Callable[[str], Plan]


@define
class Job:
    """
    A job that runs, or has ended.

    :ivar cookie: The name under which it began, whatever it is called now.
    :ivar plan: What becomes of it; ``None`` if it has no process, and never ends.
    :ivar began: When it began.
    :ivar aborted: When it was aborted, if it was.
    """

    cookie: str
    plan: Plan | None
    began: float
    aborted: float | None = None

    @property
    def dependencies(self) -> str:
        """What it lacks."""
        return "" if self.plan is None else self.plan.dependencies

    def ending(self) -> tuple[float, Verdict] | None:
        """Tell when it ends and how; ``None`` if it never does."""
        if self.plan is None:
            return None
        end = self.began + self.plan.seconds
        if self.aborted is not None and self.aborted < end:
            if self.plan.dying < ABORT_TIMEOUT:
                return self.aborted + self.plan.dying, Verdict.ABORTED
            return self.aborted + ABORT_TIMEOUT, Verdict.BUILDERFAIL
        return None if self.plan.verdict is None else (end, self.plan.verdict)

    def logged(self, now: float) -> int:
        """Tell how many bytes it has logged."""
        if self.plan is None:
            return 0
        end, _ = self.ending() or (self.began + self.plan.seconds, None)
        passed = min(now, end, self.began + self.plan.seconds) - self.began
        share = passed / self.plan.seconds if self.plan.seconds else 1.0
        whole = self.plan.log
        return int((whole if isinstance(whole, int) else len(whole)) * share)

    def log(self, start: int, end: int) -> bytes:
        """Give the log from byte ``start`` to byte ``end``."""
        if self.plan is not None and isinstance(self.plan.log, bytes):
            return self.plan.log[start:end]
        line = f"{self.cookie} compiles\n".encode()
        first = start // len(line)
        text = line * (end // len(line) - first + 1)
        return text[start - first * len(line) : end - first * len(line)]

    def results(self) -> Mapping[str, bytes]:
        """Make the results of a success; each tells which job has made it."""
        files = {} if self.plan is None else self.plan.files
        made = {
            name: f"{self.cookie} made {content}".encode()
            for name, content in files.items()
            if not name.endswith(MANIFEST)
        }
        manifest = self._manifest(made).encode()
        return {name: made.get(name, manifest) for name in files}

    def _manifest(self, files: Mapping[str, bytes]) -> str:
        """List files as dpkg-genchanges does."""
        lines = [f"Maker: {self.cookie}", "Checksums-Sha256:"]
        for name, data in files.items():
            lines.append(f" {hashlib.sha256(data).hexdigest()} {len(data)} {name}")
        lines.append("Files:")
        for name, data in files.items():
            md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
            lines.append(f" {md5} {len(data)} misc optional {name}")
        return "\n".join(lines) + "\n"
