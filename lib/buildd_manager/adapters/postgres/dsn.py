"""Addresses of databases, in libpq's words."""

import os
import re

from psycopg2 import ProgrammingError
from psycopg2.extensions import make_dsn, parse_dsn

from buildd_manager.domain.errors import StartError


#: A server that has vanished from the network is given up after half a minute.
_VIGILANCE = {
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def connection_dsn(
    dsn: str,
    *,
    role: str | None = None,
    application_name: str,
    statement_timeout_ms: int = 10_000,
    lock_timeout_ms: int = 3_000,
    idle_in_transaction_ms: int = 10_000,
) -> str:
    """
    Say how connections to ``dsn`` are to behave.

    What the operator has said, in ``dsn`` or in ``PGOPTIONS``, is kept and goes
    before the limits given here; only ``role`` goes before everything. Options in
    a service file are not seen, and are therefore overruled.

    :param dsn: A URI or ``key=value`` words, as libpq takes them.
    :param role: As whom to work, whoever connects.
    :param application_name: What others see of us, unless ``dsn`` has a name.
    :raises StartError: If ``dsn`` is neither.
    """
    said = parsed_dsn(dsn)
    limits = {
        "statement_timeout": statement_timeout_ms,
        "lock_timeout": lock_timeout_ms,
        "idle_in_transaction_session_timeout": idle_in_transaction_ms,
    }
    # The server obeys the last of several.
    options = [f"-c {name}={value}" for name, value in limits.items()]
    options.append(said.get("options") or os.environ.get("PGOPTIONS", ""))
    if role is not None:
        options.append(f"-c role={_escaped(role)}")
    ours = {
        **_VIGILANCE,
        "client_encoding": "UTF8",
        "fallback_application_name": application_name,
    }
    words = {**ours, **said, "options": " ".join(filter(None, options))}
    return make_dsn(**words)


def parsed_dsn(dsn: str) -> dict[str, str]:
    """
    Take the words of ``dsn`` apart.

    :raises StartError: If libpq does not understand it.
    """
    try:
        return dict(parse_dsn(dsn))
    except ProgrammingError as error:
        # Its text may quote the password.
        raise StartError(
            "the address of the database is not one that libpq understands;"
            " write it like postgresql://user@host/name, or host=... dbname=..."
        ) from error


def _escaped(word: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", word)
