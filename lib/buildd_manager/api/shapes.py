"""Values of the domain as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.catalogue import (
    AttemptDetail,
    BuildDetail,
    BuildSummary,
    SeriesDetail,
)
from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import ILibrarian


def builder(value: Builder, building: BuildSummary | None = None) -> dict[str, Any]:
    """Show a builder, and what it builds."""
    return {
        "name": value.name,
        "url": value.url,
        "arches": list(value.architectures),
        "virtualized": value.virtualized,
        "vm_host": value.vm_host,
        "ok": value.ok,
        "manual": value.manual,
        "clean": value.clean.value,
        "version": value.version,
        "fail_notes": value.fail_notes,
        "build": None if building is None else summary(building),
    }


def series(value: SeriesDetail, librarian: ILibrarian) -> dict[str, Any]:
    """Show a series and its architectures."""
    return {
        "name": value.name,
        "distribution": value.distribution,
        "component": value.component,
        "archive_lines": _list(value.archive_lines),
        "arches": [
            {
                "arch": arch.architecture,
                "chroot": None if arch.chroot is None else file(arch.chroot, librarian),
            }
            for arch in value.architectures
        ],
    }


def summary(value: BuildSummary) -> dict[str, Any]:
    """Show a build in a list."""
    return {
        "id": value.id,
        "source": value.source,
        "version": value.version,
        "series": value.series,
        "arch": value.architecture,
        "state": value.state.title,
        "final": value.state.is_final,
        "score": value.score,
        "builder": value.builder,
        "created": _time(value.created),
        "finished": _time(value.finished),
    }


def build(value: BuildDetail, librarian: ILibrarian) -> dict[str, Any]:
    """Show all of a build."""
    return {
        **summary(value.summary),
        "dependencies": value.dependencies,
        "log_tail": value.log_tail,
        "log": None if value.log is None else file(value.log, librarian),
        "files": [file(one, librarian) for one in value.files],
        "attempts": [attempt(one) for one in value.attempts],
        "upload_output": value.upload_output,
    }


def attempt(value: AttemptDetail) -> dict[str, Any]:
    """Show an attempt."""
    return {
        "id": value.id,
        "number": value.number,
        "builder": value.builder,
        "cookie": value.cookie,
        "state": value.state.value,
        "claimed": _time(value.claimed),
        "started": _time(value.started),
        "ended": _time(value.ended),
        "outcome": value.outcome,
    }


def file(value: StoredFile, librarian: ILibrarian) -> dict[str, Any]:
    """Show a file, and where it is."""
    return {
        "name": value.name,
        "url": librarian.url_of(value),
        "path": librarian.path_of(value),
        "size": value.size,
        "sha1": value.sha1,
        "sha256": value.sha256,
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()


def _list(value: Sequence[str] | None) -> list[str] | None:
    return None if value is None else list(value)
