"""Files that we keep, and the names that a stranger may give to a file."""

import re

from attrs import frozen

from buildd_manager.domain.errors import InvalidError


#: Shorter than the 255 bytes of a file system, for a suffix of our own.
LONGEST_NAME = 240

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]*", re.ASCII)
_SHA1 = re.compile(r"[0-9a-f]{40}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@frozen(kw_only=True)
class StoredFile:
    """
    A file in the librarian, under one of its names.

    :ivar alias: The number of the name; several may share one content.
    :ivar size: Bytes.
    :ivar sha1: What workers ask for it by; never trusted.
    :ivar sha256: What it is kept by.
    :ivar restricted: Whether it is for few people, and only they may fetch it.
    """

    alias: int
    name: str
    mimetype: str
    size: int
    sha1: str
    sha256: str
    restricted: bool = False


def check_name(name: str, field: str = "file name") -> str:
    """
    Accept a file name that is safe in any directory, command and page.

    :raises InvalidError: If it could be a path, an option, hidden, or markup.
    """
    if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None:
        raise InvalidError(
            field,
            f"{name[:LONGEST_NAME]!a} is not a file name that we accept",
            "begin with a letter or digit and use letters, digits and .+~_- only,"
            f" {LONGEST_NAME} at most",
        )
    return name


def is_sha1(text: str) -> bool:
    """Tell whether ``text`` is a SHA-1 in lower-case hexadecimal digits."""
    return _SHA1.fullmatch(text) is not None


def is_sha256(text: str) -> bool:
    """Tell whether ``text`` is a SHA-256 in lower-case hexadecimal digits."""
    return _SHA256.fullmatch(text) is not None
