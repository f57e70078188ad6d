"""The steps of the database's history, as they are on disk."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

from buildd_manager.domain.errors import StartError


#: First line of a file whose statement cannot be part of a transaction.
ALONE = b"-- no-transaction"

_NAME = re.compile(r"([0-9]{4})_[a-z0-9_]+\.sql")


@frozen(kw_only=True)
class Migration:
    """
    One step of the database's history.

    :ivar version: Its number; the first is 1.
    :ivar name: The file's.
    """

    version: int
    name: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of the file, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def alone(self) -> bool:
        """Whether it must not be part of a transaction, and can be repeated."""
        return self.content.startswith(ALONE)


def read(directory: Path) -> Sequence[Migration]:
    """
    Read all steps, in order; blocks.

    :param directory: Files ``NNNN_name.sql``.
    :raises StartError: If they are not numbered from 1 without gaps.
    """
    if not directory.is_dir():
        raise StartError(f"{directory} is missing; install the program again")
    found = [_migration(path) for path in sorted(directory.glob("*.sql"))]
    for expected, migration in enumerate(found, 1):
        if migration.version != expected:
            raise StartError(
                f"{directory / migration.name} comes where number {expected:04} is"
                " expected; number the files from 0001 without gaps"
            )
    return found


def _migration(path: Path) -> Migration:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise StartError(f"{path} is not named NNNN_name.sql; rename or remove it")
    try:
        return Migration(
            version=int(match[1]), name=path.name, content=path.read_bytes()
        )
    except OSError as error:
        raise StartError(f"{path} cannot be read: {error.strerror}") from error
