"""See that results are what their ``.changes`` says, before others rely on it."""

from collections.abc import Sequence

from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.manifests import (
    LARGEST,
    BadManifestError,
    check_manifest,
)
from buildd_manager.domain.results import MANIFEST
from buildd_manager.ports import ILibrarian


async def fault_of(files: Sequence[StoredFile], librarian: ILibrarian) -> str | None:
    """Tell what keeps files, one of which is a ``.changes``, from being uploaded."""
    manifest, *others = sorted(files, key=lambda file: not _is_manifest(file))
    if any(map(_is_manifest, others)):
        return f"there is more than one {MANIFEST}"
    content = await librarian.read(manifest, 0, LARGEST + 1)
    try:
        check_manifest(content, {file.name: file for file in others})
    except BadManifestError as error:
        return f"{manifest.name}: {error}"
    return None


def _is_manifest(file: StoredFile) -> bool:
    return file.name.endswith(MANIFEST)
