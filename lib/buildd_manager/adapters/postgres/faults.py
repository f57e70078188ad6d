"""Errors of PostgreSQL become ours."""

import psycopg2

from buildd_manager.domain.errors import StoreError, StoreUnavailableError


#: Deadlocks and their kind: the server has undone it, and it may be done again.
_TRANSIENT = frozenset({"40001", "40P01"})

#: Shutting down, starting, too many connections, connection trouble.
_ABSENT = ("57P0", "53300", "08")


def store_error(error: psycopg2.Error, *, connected: bool) -> StoreError:
    """
    Say what ``error`` means for those who know nothing of PostgreSQL.

    :param connected: Whether the connection has survived it.
    """
    if not connected or (error.pgcode or "").startswith(_ABSENT):
        return StoreUnavailableError(f"the database is away: {in_words(error)}")
    return StoreError(in_words(error))


def is_transient(error: StoreError) -> bool:
    """Tell whether the same transaction may well succeed if it is done again."""
    cause = error.__cause__
    return isinstance(cause, psycopg2.Error) and cause.pgcode in _TRANSIENT


def in_words(error: psycopg2.Error) -> str:
    """Give its first line, with the SQLSTATE if it has one."""
    text = error.diag.message_primary or str(error).strip() or type(error).__name__
    first = text.splitlines()[0].removeprefix("FATAL:").strip()
    return f"{first} ({error.pgcode})" if error.pgcode else first
