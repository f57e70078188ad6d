"""The end of a log, made fit for people and for the database."""

#: launchpad-buildd sends 2 KiB; twice that is kept of whatever a worker sends.
LONGEST = 4096


def readable(tail: bytes) -> str:
    """
    Decode the end of a log, which may begin in mid-character.

    NUL, which PostgreSQL's text cannot hold, is left out; what is not UTF-8
    becomes U+FFFD.
    """
    return tail[-LONGEST:].decode("utf-8", "replace").replace("\0", "")


def storable(text: str) -> str:
    """Make what others have said fit for the database, which holds all but NUL."""
    return text.replace("\0", "").encode(errors="replace").decode()
