"""Who may do what in an embedded PostgreSQL."""

import psycopg2
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.faults import in_words
from buildd_manager.domain.errors import StartError


_HAS_ROLE = "SELECT FROM pg_roles WHERE rolname = 'fiera'"
_HAS_DATABASE = "SELECT FROM pg_database WHERE datname = 'buildd'"


def create_roles(dsn: str) -> None:
    """
    Make the database and the runtime role, if they are missing; blocks.

    :param dsn: libpq's words for the server, as its superuser.
    :raises StartError: If PostgreSQL refuses.
    """
    try:
        connection = psycopg2.connect(make_dsn(dsn, dbname="postgres"))
    except psycopg2.Error as error:
        raise _refused(error) from error
    connection.autocommit = True
    cursor = connection.cursor()
    try:
        cursor.execute(_HAS_ROLE)
        if not cursor.rowcount:
            cursor.execute("CREATE ROLE fiera LOGIN")
        cursor.execute(_HAS_DATABASE)
        if not cursor.rowcount:
            cursor.execute("CREATE DATABASE buildd OWNER buildd")
    except psycopg2.Error as error:
        raise _refused(error) from error
    finally:
        connection.close()


def _refused(error: psycopg2.Error) -> StartError:
    return StartError(
        f"our own PostgreSQL does not take orders: {in_words(error)};"
        " see what it has logged"
    )
