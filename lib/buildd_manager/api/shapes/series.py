"""Series, their architectures and chroots as JSON."""

from collections.abc import Sequence
from typing import Any

from buildd_manager.api.shapes.files import file, maybe_file
from buildd_manager.domain.catalogue import ArchDetail, SeriesDetail
from buildd_manager.domain.sources_list import Line
from buildd_manager.ports import ILibrarian


def series(value: SeriesDetail, librarian: ILibrarian) -> dict[str, Any]:
    """Show a series and its architectures."""
    return {
        "name": value.name,
        "distribution": value.distribution,
        "status": value.status.value,
        "component": value.component,
        "components": list(value.components),
        "strict_components": value.strict_components,
        "nominated_arch": value.nominated_architecture,
        "archive_lines": _lines(value.archive_lines),
        "arches": [_arch(arch, librarian) for arch in value.architectures],
    }


def _arch(value: ArchDetail, librarian: ILibrarian) -> dict[str, Any]:
    return {
        "arch": value.architecture,
        "enabled": value.enabled,
        "virtualized": value.supports_virtualized,
        "nonvirtualized": value.supports_nonvirtualized,
        "wall": value.wall,
        "silence": value.silence,
        "chroot": maybe_file(value.chroot(), librarian),
        "chroots": {
            pocket.value: file(chroot, librarian)
            for pocket, chroot in value.chroots.items()
        },
    }


def _lines(value: Sequence[str] | None) -> list[str] | None:
    """Show lines, but for the passwords in them."""
    return None if value is None else [str(Line.read(line)) for line in value]
