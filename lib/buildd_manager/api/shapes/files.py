"""What is the same in everything that is shown."""

from datetime import UTC, datetime
from typing import Any

from buildd_manager.domain.files import StoredFile
from buildd_manager.ports import ILibrarian


def file(value: StoredFile, librarian: ILibrarian) -> dict[str, Any]:
    """Show a file, and where it is; what is for few people has no address for all."""
    return {
        "name": value.name,
        "url": None if value.restricted else librarian.url_of(value),
        "path": librarian.path_of(value),
        "size": value.size,
        "sha1": value.sha1,
        "sha256": value.sha256,
    }


def maybe_file(value: StoredFile | None, librarian: ILibrarian) -> Any:
    """Show a file, if there is one."""
    return None if value is None else file(value, librarian)


def time(value: datetime | None) -> str | None:
    """Show a time, if there is one."""
    return None if value is None else value.astimezone(UTC).isoformat()
