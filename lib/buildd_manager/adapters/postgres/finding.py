"""What has a name, or a number, and must be there."""

from typing import Any

from buildd_manager.domain.errors import NotFoundError


def must_find(cursor: Any, field: str, key: object) -> Any:
    """
    Give the row that was asked for.

    :raises NotFoundError: If there is none.
    """
    if (row := cursor.fetchone()) is None:
        mend = "add it, or list what there is"
        raise NotFoundError(field, f"there is no {key}", mend)
    return row
